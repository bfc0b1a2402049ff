import { BpfError, isBare } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import { failure } from './failure.ts';
import type { LogOptions } from './options.ts';

const DEFAULT_LOG_SIZE = 64 * 1024;
/** Beyond this the end of the log is enough, where the kernel keeps the end (Linux >= 6.4). */
const LARGEST_GROWN_LOG = 64 * 1024 * 1024;
/** Room for what differs between two runs of the same verification, such as the time it took. */
const SLACK = 1024;

/** The log of one attempt. */
export interface LogRequest {
  readonly level: number;
  readonly buffer: Uint8Array;
  /** How large the log would have been: set by the attempt where the kernel says so (Linux >= 6.4). */
  trueSize: number;
}

/** What an attempt comes to: the descriptor, or the error of the system call. */
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
function* attempts(
  what: () => string,
  options: LogOptions,
): Generator<LogRequest | undefined, Loaded, Outcome> {
  let first: BpfError | undefined;
  let level = options.logLevel ?? 0;
  if (level === 0) {
    const result = yield undefined;
    if (!(result instanceof BpfError)) return { fd: result, log: '' };
    // What is explained already has nothing to do with the verifier, except that EPERM may be its own.
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

/** Passes on the errors of system calls as outcomes, and throws any other. */
function outcomeOf(error: unknown): BpfError {
  if (BpfError.is(error) && error.errno !== undefined) return error;
  throw error;
}

/**
 * Loads a program or BTF while the caller waits.
 *
 * @param what - makes the name of the action, such as `load program "xdp_main" (xdp)`
 * @param attempt - makes the system call, with the log that is asked for
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

/** {@link loadLogged} with attempts that run elsewhere. */
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
