/** The kernels of the matrix, oldest first. This is the only place where kernels are added or changed. */
import type { Suite } from '../../tools/debian.ts';
import type { Mark } from '../../tools/test-marks.ts';

export interface Kernel {
  /** Its name on the command line and in reports. */
  readonly name: string;
  /** The suite of Debian that has it as its cloud kernel. */
  readonly suite: Suite;
  /** Test files with one of these marks run on it. They test what the project's own machine cannot show. */
  readonly marks: readonly Mark[];
  /** The reasons that tests may give for a skip on this kernel. Any other reason is a failure. */
  readonly skips: readonly RegExp[];
}

/** The kernel is too old for the feature. */
const LACKS = /^(this|the) kernel('s log)? (lacks|has no)(?!.* tokens)/;
/** The same, in the words of skipUnlessSupported. */
const TOO_OLD = /^needs .*, which came with Linux/;
/** Debian's 6.1 is built without it. */
const NO_FPROBE = /this kernel was built without CONFIG_FPROBE/;
/** The test is about kernels without tokens. */
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
  // 7.x: the newest kernel of Debian, which lacks nothing. Its package has neither modules nor its configuration.
  {
    name: '7.x',
    suite: 'sid',
    marks: ['kernel', 'tokens', 'newest kernel'],
    skips: [HAS_TOKENS, /^the kernel (does not show its configuration|has no module)/],
  },
];

/**
 * Reasons that come from the small machine or its Node, not from the kernel. The machine that builds the project runs
 * these tests.
 */
export const skipsInside: readonly RegExp[] = [
  /is not installed|is not in the cache|no C compiler|^no clang/,
  // The machine has one CPU.
  /^needs a second CPU$/,
  // All of Debian's kernels allow this.
  /^this kernel lets root trace functions/,
];
