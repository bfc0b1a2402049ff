import { BpfError, isBare } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import { failure } from './failure.ts';
import type { LogOptions } from './options.ts';

const DEFAULT_LOG_SIZE = 64 * 1024;
/** The log does not grow beyond this. Its end is enough, which the kernel keeps (Linux >= 6.4). */
const LARGEST_GROWN_LOG = 64 * 1024 * 1024;
/** Room for differences between two runs of the same verification, such as the time that it took. */
const SLACK = 1024;

/** The log of one attempt. */
export interface LogRequest {
  readonly level: number;
  readonly buffer: Uint8Array;
  /** The size of the whole log. The attempt sets it if the kernel says it (Linux >= 6.4). */
  trueSize: number;
}

/** The outcome of an attempt: the descriptor, or the error of the system call. */
type Outcome = Fd | BpfError;

/** A loaded object and what the kernel logged about it. */
export interface Loaded {
  readonly fd: Fd;
  readonly log: string;
}

function textOf(log: Uint8Array): string {
  const end = log.indexOf(0);
  return new TextDecoder().decode(end === -1 ? log : log.subarray(0, end));
}

/** Whether the log has no room left. Before Linux 6.4, refused BTF with a cut log gives EINVAL and not ENOSPC. */
function isFull(log: Uint8Array): boolean {
  const end = log.indexOf(0);
  return end === -1 || end === log.length - 1;
}

/** The next size to try after the log did not fit in `size`; `undefined` if it should not grow further. */
function grown(size: number, trueSize: number): number | undefined {
  if (size >= LARGEST_GROWN_LOG) return undefined;
  // Kernels before 6.4 do not say how large the whole log is.
  const wanted = trueSize > 0 ? trueSize + SLACK : size * 4;
  return Math.min(Math.max(wanted, size + SLACK), LARGEST_GROWN_LOG);
}

/**
 * Loads a program or BTF. Makes as many attempts as are needed to get the verifier's log, if it is needed. This is a
 * generator, so that the synchronous and the asynchronous form share the same steps: each yield asks for one system
 * call, with or without a log.
 *
 * Unless `logLevel` asks for one, the first attempt has no log. There are two reasons: on Linux 6.18 a log made the
 * verification of a program of 3,000 instructions 3 to 10 times slower, and a good program fails with ENOSPC if its log
 * does not fit.
 *
 * @param what - makes the name of the action, such as `load program "xdp_main" (xdp)`
 */
function* attempts(
  what: () => string,
  options: LogOptions,
): Generator<LogRequest | undefined, Loaded, Outcome> {
  let first: BpfError | undefined;
  let level = options.logLevel ?? 0;
  if (level === 0) {
    const result = yield undefined;
    if (!(result instanceof BpfError)) return { fd: result, log: '' };
    // An error with an explanation does not come from the verifier, except perhaps EPERM.
    if (!isBare(result) && result.code !== 'EPERM') throw result;
    first = result;
    level = 1;
  }
  for (let size: number | undefined = options.logSize ?? DEFAULT_LOG_SIZE; ; ) {
    const buffer: Uint8Array = new Uint8Array(size);
    const request: LogRequest = { level, buffer, trueSize: 0 };
    const result: Outcome = yield request;
    if (!(result instanceof BpfError)) return { fd: result, log: textOf(buffer) };
    const truncated: boolean = result.code === 'ENOSPC' || (request.trueSize === 0 && isFull(buffer));
    size = truncated ? grown(size, request.trueSize) : undefined;
    if (size !== undefined) continue;
    throw failure(what(), { first: first ?? result, last: result, log: textOf(buffer), truncated });
  }
}

/** Returns the errors of system calls as outcomes, and throws all others. */
function outcomeOf(error: unknown): BpfError {
  if (BpfError.is(error) && error.errno !== undefined) return error;
  throw error;
}

/**
 * Loads a program or BTF while the caller waits.
 *
 * @param what - makes the name of the action, such as `load program "xdp_main" (xdp)`
 * @param attempt - makes the system call, with this log
 */
export function loadLogged(
  what: () => string,
  options: LogOptions,
  attempt: (log: LogRequest | undefined) => Fd,
): Loaded {
  const steps = attempts(what, options);
  let step = steps.next();
  while (!step.done) {
    let outcome: Outcome;
    try {
      outcome = attempt(step.value);
    } catch (error) {
      outcome = outcomeOf(error);
    }
    step = steps.next(outcome);
  }
  return step.value;
}

/** Does the same as {@link loadLogged}, with attempts that run on another thread. */
export async function loadLoggedAsync(
  what: () => string,
  options: LogOptions,
  attempt: (log: LogRequest | undefined) => Promise<Fd>,
): Promise<Loaded> {
  const steps = attempts(what, options);
  let step = steps.next();
  while (!step.done) step = steps.next(await attempt(step.value).catch(outcomeOf));
  return step.value;
}
