/** The kernels of the matrix, oldest first: the one place to add or change a kernel. */
import type { Suite } from '../../tools/debian.ts';

export interface Kernel {
  /** What it is called on the command line and in reports. */
  readonly name: string;
  /** Debian's suite whose cloud kernel it is. */
  readonly suite: Suite;
  /** The tests (below dist/test) that run on it: what it alone can tell. Default: all that run inside. */
  readonly tests?: readonly RegExp[];
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
    skips: [LACKS, TOO_OLD, NO_FPROBE, /no (BPF )?tokens/, /kernel with tokens/],
  },
  // 6.12: tokens, but not yet the info command on a token (Linux 6.17)
  {
    name: '6.12',
    suite: 'trixie',
    tests: [/^(handle|token)\//, /\/token\./, /^testing\/(run|spawn)-with-token\./, /^sys\/helper\./],
    skips: [LACKS, HAS_TOKENS],
  },
  // the newest one Debian has, which lacks nothing; its package has neither modules nor its configuration
  {
    name: '7.x',
    suite: 'sid',
    skips: [HAS_TOKENS, /^the kernel (does not show its configuration|has no module)/],
  },
];

/** Reasons that lie in the small machine or its Node, not in the kernel: such tests run where the project is built. */
export const skipsInside: readonly RegExp[] = [
  /is not installed|is not in the cache|no C compiler|^no clang/,
  /^Node (cannot|runs no TypeScript)/,
  // There is one CPU.
  /^needs a second CPU$/,
  // Debian's kernels all let root do that.
  /^this kernel lets root trace functions/,
  // A test about skipped tests.
  /^for the test around it$/,
];

/**
 * Tests (below dist/test) that do not run inside: emulation is slow, and there is one Node, no compiler and no peer to
 * compare with. They look at the machine they were built on, at no kernel, or at the types of all kernels where the
 * project is built.
 */
export const notInside: readonly RegExp[] = [
  /^(bench|kernels|runtimes|tools)\//,
  /^(bytes|elf|errors|fuzz|outside)\//,
  /^abi\//,
  /^asm\/(core\/|instructions|program|properties)/,
  /^btf\/(c|core|dedup|ext|values)\//,
  /^btf\/(builder|first-names|hostile|loadable|member|own-ids|split|vmlinux)\./,
  /^cli\//,
  /^collection\/(hostile|judge|kconfig-value|link|sections|spec|stripped)\./,
  /^link\/elf-function\./,
  // Threads, signals and memory of this process.
  /^sys\/(environment|helper-(checks|frames|start-error)|kernel-version|mountinfo|page-size|read-input|signals)\./,
  /^program\/(event-loop|signals|test-run-signals)\./,
  /^(map\/memory|ringbuf\/in-use)\./,
  /(^|\/)bpftool\./,
  // How processes of tests end and what they say is not the kernel's doing, and takes longest under emulation.
  /^testing\/(?!(run|spawn)-with-token|with-capabilities)/,
];

/**
 * Tests that run on one of the kernels only: the newest one has all that they need, and the parts they are made of are
 * tested on all.
 */
export const oncePerMatrix: Readonly<Record<string, readonly RegExp[]>> = {
  '7.x': [/^examples\//],
};
