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

/** What a program is run on. Which of it a type takes is the kernel's to say: it answers `EINVAL`. */
export interface TestRunOptions {
  /** The packet, Ethernet header included, for the types that look at packets. */
  readonly data?: Uint8Array | undefined;
  /** The context, such as `struct xdp_md` or `struct __sk_buff`. */
  readonly context?: Uint8Array | undefined;
  /** Room for the packet afterwards, in bytes. Default: that of `data` and 1,024 more. */
  readonly dataSize?: number | undefined;
  /**
   * How often to run; the duration is the mean. Default: once. Signals do not cut it short, and it is never started
   * again: they wait, or other threads take them. Only SIGINT, SIGTERM, SIGQUIT and SIGHUP, and stopping the process, end
   * it early, with `EINTR`.
   */
  readonly repeat?: number | undefined;
  /** How to run: names, such as `xdp_live_frames`, or BPF_F_TEST_... bits. Default: none. */
  readonly flags?: Flags<ProgTestRunFlag> | undefined;
  /** The CPU to run on, with the flag that asks for it. */
  readonly cpu?: number | undefined;
  /** Packets per batch, for live XDP frames. */
  readonly batchSize?: number | undefined;
}

export interface TestRunResult {
  /** What the program returned, unsigned. */
  readonly returnValue: number;
  /** The packet afterwards; empty for types without one. */
  readonly data: Uint8Array;
  /** The context afterwards; empty for types that do not give it back. */
  readonly context: Uint8Array;
  /** Nanoseconds of one run, the mean of all; 0 for types that do not measure. */
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
/** The room for packets is allocated, and the kernel refuses more than that anyway. */
const LIMITS = {
  dataSize: [0, 0x7fff_ffff],
  repeat: U32,
  cpu: U32,
  batchSize: U32,
} as const;
const HEADROOM = 1024;

/** Types that refuse a buffer for the context afterwards. */
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
 * The memory for a run. Why it is safe to give the kernel: sizes are taken from the memory itself, and no foreign code
 * runs after that.
 */
function prepare(type: number, options: TestRunOptions): Buffers {
  const { data, context, dataSize } = options;
  const dataIn = data === undefined ? undefined : bytesOf(data);
  // Programs of type syscall write to the context they were given: theirs, not the caller's.
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

/** What an errno means here. */
function explain(
  { code, errno, syscall, command }: BareError,
  fd: Fd,
  attr: ProgTestRunAttr,
): string | BpfError | undefined {
  switch (code) {
    case 'ENOSPC':
      return `the packet afterwards has ${attr.data_size_out} bytes; set dataSize`;
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

/** Runs a program on data and context given. @throws BpfError, NotSupportedError, TypeError */
export function testRun(fd: Fd, type: number, options: TestRunOptions): TestRunResult {
  rejectUnknownOptions('Program.testRun', options, KNOWN);
  if (options.data !== undefined) checkBytes('Program.testRun: data', options.data);
  if (options.context !== undefined) checkBytes('Program.testRun: context', options.context);
  // All of the options before the memory: their getters are foreign code.
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
  progTestRun(fd, attr, (bare) => explain(bare, fd, attr));
  const inPlace = programTypes.name(type) === 'syscall' ? contextIn : undefined;
  return {
    returnValue: attr.retval ?? 0,
    data: dataOut.subarray(0, attr.data_size_out),
    context: inPlace ?? contextOut?.subarray(0, attr.ctx_size_out) ?? new Uint8Array(),
    duration: attr.duration ?? 0,
  };
}
