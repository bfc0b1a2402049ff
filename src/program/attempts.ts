import { BpfError, isBare, VerifierError } from '../errors/index.ts';
import { capabilityMask, type Fd, getCapabilities } from '../sys/index.ts';

/** The kernel refuses a larger buffer (UINT_MAX >> 2). */
export const LARGEST_LOG: number = 2 ** 30 - 1;
const DEFAULT_LOG_SIZE = 64 * 1024;
/** Beyond this the end of the log is enough, where the kernel keeps the end (Linux >= 6.4). */
const LARGEST_GROWN_LOG = 64 * 1024 * 1024;
/** Room for what differs between two runs of the same verification, such as the time it took. */
const SLACK = 1024;

/** What the caller wants to have logged. */
export interface LogOptions {
  /**
   * What the verifier is to log, as a sum: 1 its decisions, 2 every instruction, 4 statistics. With the
   * default, 0, nothing is logged unless the load fails: a log makes verification several times slower
   * and can make a good program fail for the log's size alone.
   */
  readonly logLevel?: number | undefined;
  /** First size of the log buffer in bytes; it grows when it is too small. Default: 64 KiB. */
  readonly logSize?: number | undefined;
}

/** The log of one attempt. */
export interface LogRequest {
  readonly level: number;
  readonly buffer: Uint8Array;
}

/** What an attempt came to. */
export interface Outcome {
  /** The descriptor, or the error of the system call. */
  readonly result: Fd | BpfError;
  /** How large the log would have been, where the kernel says so (Linux >= 6.4). */
  readonly logTrueSize?: number | undefined;
}

/** A loaded object and what the kernel logged about it. */
export interface Loaded {
  readonly fd: Fd;
  readonly log: string;
}

/** @throws RangeError for a log size or level that the kernel would refuse */
export function checkLogOptions(what: string, { logSize, logLevel }: LogOptions): void {
  if (logSize !== undefined && !(Number.isInteger(logSize) && logSize >= 128 && logSize <= LARGEST_LOG)) {
    throw new RangeError(`${what}: logSize must be an integer from 128 to ${LARGEST_LOG}, not ${logSize}`);
  }
  if (logLevel !== undefined && !(Number.isInteger(logLevel) && logLevel >= 0 && logLevel <= 15)) {
    throw new RangeError(`${what}: logLevel must be an integer from 0 to 15, not ${logLevel}`);
  }
}

function textOf(log: Uint8Array): string {
  const end = log.indexOf(0);
  return new TextDecoder().decode(end === -1 ? log : log.subarray(0, end));
}

/** Whether nothing more would have fitted. Before Linux 6.4 a refused BTF with a cut log ends in EINVAL, not ENOSPC. */
function isFull(log: Uint8Array): boolean {
  const end = log.indexOf(0);
  return end === -1 || end === log.length - 1;
}

/** How large the log has to be after it did not fit `size`; undefined when it should not grow further. */
function grown(size: number, trueSize: number): number | undefined {
  if (size >= LARGEST_GROWN_LOG) return undefined;
  // Kernels before 6.4 do not say how large the log would have been.
  const wanted = trueSize > 0 ? trueSize + SLACK : size * 4;
  return Math.min(Math.max(wanted, size + SLACK), LARGEST_GROWN_LOG);
}

/**
 * Loads a program or BTF in as many attempts as it takes to have the verifier's log when it is needed.
 * Written as a generator, so that the same steps serve the synchronous and the asynchronous form: each
 * yield is one system call, with or without a log.
 *
 * The first attempt asks for no log: on Linux 6.18 a log made the verification of a program of 3,000
 * instructions 3 to 10 times slower, and a good program fails with ENOSPC when its log does not fit.
 *
 * @param what - makes the name of the action, such as `load program "xdp_main" (xdp)`
 */
export function* attempts(
  what: () => string,
  options: LogOptions,
): Generator<LogRequest | undefined, Loaded, Outcome> {
  let first: BpfError | undefined;
  let level = options.logLevel ?? 0;
  if (level === 0) {
    const { result } = yield undefined;
    if (!(result instanceof BpfError)) return { fd: result, log: '' };
    // What is explained already has nothing to do with the verifier, except that EPERM may be its own.
    if (!isBare(result) && result.code !== 'EPERM') throw result;
    first = result;
    level = 1;
  }
  for (let size: number | undefined = options.logSize ?? DEFAULT_LOG_SIZE; ; ) {
    const buffer: Uint8Array = new Uint8Array(size);
    const { result, logTrueSize = 0 }: Outcome = yield { level, buffer };
    if (!(result instanceof BpfError)) return { fd: result, log: textOf(buffer) };
    const truncated: boolean = result.code === 'ENOSPC' || (logTrueSize === 0 && isFull(buffer));
    size = truncated ? grown(size, logTrueSize) : undefined;
    if (size !== undefined) continue;
    throw failure(what(), { first: first ?? result, last: result, log: textOf(buffer), truncated });
  }
}

/** The end of a load that failed. */
interface Failed {
  /** The error of the attempt without a log, or of the only attempt. */
  readonly first: BpfError;
  readonly last: BpfError;
  readonly log: string;
  readonly truncated: boolean;
}

/**
 * A log that says what is wrong means that the verifier refused. Without one, or with nothing but the statistics of a
 * verification that went well, the system call's own error says it.
 */
function failure(what: string, { first, last, log, truncated }: Failed): BpfError {
  const error = last.code === first.code ? last : first;
  if (error.errno === undefined) return error;
  const { errno, syscall, command } = error;
  if (error.code === 'EAGAIN') {
    const text = `Cannot ${what}: EAGAIN: signals to this thread ended the verification, each time it was started again`;
    return new BpfError(text, { code: error.code, errno, syscall, command, cause: error });
  }
  if (log === '' || !isBare(last)) return error;
  const init = { errno, syscall, command, log, truncated, hint: hint(log), cause: error };
  const refused = new VerifierError(what, init);
  // The first attempt, which had no log that could have meant the verifier, has its explanation.
  return refused.lastLine === '' ? first : refused;
}

/** What the verifier says where callers with CAP_PERFMON may do more. */
const PRIVILEGED = /cannot use helper|unknown func |pointer (arithmetic|comparison)|back-edge|leaks addr/;

/** The verifier takes a missing capability for a lack of the kernel's, and does not speak of it. */
function hint(log: string): string | undefined {
  const [perfmon, admin] = [capabilityMask(['perfmon']), capabilityMask(['sys_admin'])];
  if (!PRIVILEGED.test(log) || (getCapabilities().effective & (perfmon | admin)) !== 0n) return undefined;
  return 'this process lacks CAP_PERFMON, without which the verifier forbids some helpers and uses of pointers';
}

/** Passes on the errors of system calls as outcomes, and throws any other. */
export function outcomeOf(error: unknown): BpfError {
  if (BpfError.is(error) && error.errno !== undefined) return error;
  throw error;
}
