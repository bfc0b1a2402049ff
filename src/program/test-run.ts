import {
  type Flags,
  flagBits,
  type ProgramType,
  type ProgTestRunAttr,
  type ProgTestRunFlag,
  programTypes,
  progTestRunFlagTable,
} from '../abi/index.ts';
import { bytesOf } from '../bytes/index.ts';
import {
  type BareError,
  BpfError,
  checkBytes,
  checkIntegers,
  NotSupportedError,
  rejectUnknownOptions,
  U32,
} from '../errors/index.ts';
import { type Fd, progTestRun } from '../sys/index.ts';
import { cpuOffline, testRunProblem } from './test-run-problems.ts';

/** What a program runs on. Not every type takes everything: the kernel answers `EINVAL` then. */
export interface TestRunOptions {
  /** The packet with its Ethernet header, for the types that look at packets. */
  readonly data?: Uint8Array | undefined;
  /** The context, such as `struct xdp_md` or `struct __sk_buff`. */
  readonly context?: Uint8Array | undefined;
  /** Room for the packet after the run, in bytes. Default: the size of `data` and 1,024 more. */
  readonly dataSize?: number | undefined;
  /**
   * How often to run. Default: once. Most signals do not interrupt the runs: they wait, or other threads take them.
   * Only SIGINT, SIGTERM, SIGQUIT, SIGHUP, and stopping the process end the runs early, with `EINTR`. The runs never
   * start again from the beginning.
   */
  readonly repeat?: number | undefined;
  /** How to run: names, such as `xdp_live_frames`, or BPF_F_TEST_... bits. Default: none. */
  readonly flags?: Flags<ProgTestRunFlag> | undefined;
  /** The CPU to run on, if the flags ask for one. */
  readonly cpu?: number | undefined;
  /** Packets per batch, for live XDP frames. */
  readonly batchSize?: number | undefined;
}

export interface TestRunResult {
  /** What the program returned, unsigned. */
  readonly returnValue: number;
  /** The packet after the run; empty for types without packets. */
  readonly data: Uint8Array;
  /** The context after the run; empty for types that do not return it. */
  readonly context: Uint8Array;
  /** The mean duration of one run, in nanoseconds; 0 for types that do not measure it. */
  readonly duration: number;
}

const KNOWN: readonly (keyof TestRunOptions)[] = [
  'data',
  'context',
  'dataSize',
  'repeat',
  'flags',
  'cpu',
  'batchSize',
];
/** `dataSize` has a limit because this much memory is allocated. The kernel refuses more anyway. */
const LIMITS = {
  dataSize: [0, 0x7fff_ffff],
  repeat: U32,
  cpu: U32,
  batchSize: U32,
} as const;
const HEADROOM = 1024;

/** Types that refuse a buffer for the context after the run. */
const CONTEXT_IN_ONLY: ReadonlySet<ProgramType> = new Set([
  'raw_tracepoint',
  'raw_tracepoint_writable',
  'syscall',
  'tracing',
  'netfilter',
  'flow_dissector',
]);

interface Buffers {
  readonly dataIn: Uint8Array | undefined;
  readonly dataOut: Uint8Array;
  readonly contextIn: Uint8Array | undefined;
  readonly contextOut: Uint8Array | undefined;
}

/**
 * Makes the memory for a run. The kernel can safely use it: the sizes come from the memory itself, and no code of the
 * caller runs after they are taken.
 */
function prepare(type: number, options: TestRunOptions): Buffers {
  const { data, context, dataSize } = options;
  const dataIn = data === undefined ? undefined : bytesOf(data);
  // Programs of type syscall write to their context. This copy keeps them from writing to the caller's.
  const contextIn = context === undefined ? undefined : new Uint8Array(bytesOf(context));
  const name = programTypes.name(type);
  const wantsContext = contextIn !== undefined && !(name !== undefined && CONTEXT_IN_ONLY.has(name));
  return {
    dataIn,
    dataOut: new Uint8Array(dataSize ?? (dataIn === undefined ? 0 : dataIn.length + HEADROOM)),
    contextIn,
    contextOut: wantsContext ? new Uint8Array(contextIn.length) : undefined,
  };
}

/** What an errno means for a test run. */
function explain(
  { code, errno, syscall, command }: BareError,
  fd: Fd,
  type: ProgramType | undefined,
  attr: ProgTestRunAttr,
): string | BpfError | undefined {
  switch (code) {
    case 'ENOSPC':
      return `the packet afterwards has ${attr.data_size_out} bytes; set dataSize`;
    case 'EINVAL':
      return type === undefined ? undefined : testRunProblem(type, attr);
    case 'ENXIO':
      return attr.cpu === undefined ? undefined : cpuOffline(attr.cpu);
    case 'EINTR': {
      const text = `Cannot run ${fd.what} to the end: EINTR: the process was stopped or asked to end before all rounds were done`;
      return new BpfError(text, { code, errno, syscall, command });
    }
    case 'ENOTSUPP': {
      const feature = 'test run for this program type';
      const text = `Cannot run ${fd.what}: the kernel has no test run for this type`;
      return new NotSupportedError(text, { feature, errno, syscall, command });
    }
    default:
      return undefined;
  }
}

/** Runs a program on the given data and context. @throws BpfError, NotSupportedError, TypeError, RangeError */
export function testRun(fd: Fd, type: number, options: TestRunOptions): TestRunResult {
  rejectUnknownOptions('Program.testRun', options, KNOWN);
  if (options.data !== undefined) checkBytes('Program.testRun: data', options.data);
  if (options.context !== undefined) checkBytes('Program.testRun: context', options.context);
  // Read all options before preparing the memory: a getter among them could run code of the caller.
  const { repeat, cpu, batchSize, dataSize } = options;
  const flags = flagBits('Program.testRun: flags', progTestRunFlagTable, options.flags);
  checkIntegers('Program.testRun', { repeat, cpu, batchSize, dataSize }, LIMITS);
  const { dataIn, dataOut, contextIn, contextOut } = prepare(type, options);
  const attr: ProgTestRunAttr = {
    retval: 0,
    duration: 0,
    data_in: dataIn,
    data_size_in: dataIn?.length,
    data_out: dataOut.length === 0 ? undefined : dataOut,
    data_size_out: dataOut.length,
    ctx_in: contextIn,
    ctx_size_in: contextIn?.length,
    ctx_out: contextOut,
    ctx_size_out: contextOut?.length ?? 0,
    repeat,
    flags,
    cpu,
    batch_size: batchSize,
  };
  progTestRun(fd, attr, (bare) => explain(bare, fd, programTypes.name(type), attr));
  const inPlace = programTypes.name(type) === 'syscall' ? contextIn : undefined;
  return {
    returnValue: attr.retval ?? 0,
    data: dataOut.subarray(0, attr.data_size_out),
    context: inPlace ?? contextOut?.subarray(0, attr.ctx_size_out) ?? new Uint8Array(),
    duration: attr.duration ?? 0,
  };
}
