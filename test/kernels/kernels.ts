/** The kernels of the matrix, oldest first: the one place to add or change a kernel. */
import type { Suite } from '../../tools/debian.ts';
import type { Mark } from '../../tools/test-marks.ts';

export interface Kernel {
  /** What it is called on the command line and in reports. */
  readonly name: string;
  /** Debian's suite whose cloud kernel it is. */
  readonly suite: Suite;
  /** Test files with one of these marks run on it: what the project's own machine cannot tell. */
  readonly marks: readonly Mark[];
  /** Reasons that tests may give for being skipped on this kernel; any other is a failure. */
  readonly skips: readonly RegExp[];
}

/** Younger things than the kernel. */
const LACKS = /^(this|the) kernel('s log)? (lacks|has no)(?!.* tokens)/;
/** The same, said by skipUnlessSupported. */
const TOO_OLD = /^needs .*, which came with Linux/;
/** Debian's 6.1 is built without it. */
const NO_FPROBE = /this kernel was built without CONFIG_FPROBE/;
/** Tests of how a kernel without tokens behaves. */
const HAS_TOKENS = /kernel (has|without) (BPF )?tokens/;

export const kernels: readonly Kernel[] = [
  // 6.1: before BPF tokens (Linux 6.9)
  {
    name: '6.1',
    suite: 'bookworm',
    marks: ['kernel', 'tokens', 'older tokens'],
    skips: [LACKS, TOO_OLD, NO_FPROBE, /no (BPF )?tokens/, /kernel with tokens/],
  },
  // 6.12: tokens, but not yet the info command on a token (Linux 6.17)
  {
    name: '6.12',
    suite: 'trixie',
    marks: ['tokens', 'older tokens'],
    skips: [LACKS, HAS_TOKENS],
  },
  // the newest one Debian has, which lacks nothing; its package has neither modules nor its configuration
  {
    name: '7.x',
    suite: 'sid',
    marks: ['kernel', 'tokens', 'newest kernel'],
    skips: [HAS_TOKENS, /^the kernel (does not show its configuration|has no module)/],
  },
];

/** Reasons that lie in the small machine or its Node, not in the kernel: such tests run where the project is built. */
export const skipsInside: readonly RegExp[] = [
  /is not installed|is not in the cache|no C compiler|^no clang/,
  // There is one CPU.
  /^needs a second CPU$/,
  // Debian's kernels all let root do that.
  /^this kernel lets root trace functions/,
];
