import type { ProgLoadAttr } from '../abi/index.ts';
import { BpfError, VerifierError } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import { LARGEST_LOG, type ProgramOptions } from './options.ts';

const DEFAULT_LOG_SIZE = 64 * 1024;
/** Beyond this the end of the log is enough, where the kernel keeps the end (Linux ≥ 6.4). */
const LARGEST_GROWN_LOG = 64 * 1024 * 1024;
/** Room for what differs between two runs of the same verification, such as the time it took. */
const SLACK = 1024;

/** What a load came to: the descriptor, or the error of the system call. */
export type Outcome = Fd | BpfError;

/** A loaded program and what the verifier logged about it. */
export interface Loaded {
  readonly fd: Fd;
  readonly log: string;
}

function textOf(log: Uint8Array): string {
  const end = log.indexOf(0);
  return new TextDecoder().decode(end === -1 ? log : log.subarray(0, end));
}

/** How large the log has to be after it did not fit `size`; undefined when it should not grow further. */
function grown(size: number, attr: ProgLoadAttr): number | undefined {
  if (size >= LARGEST_GROWN_LOG) return undefined;
  // Kernels before 6.4 do not say how large the log would have been.
  const wanted = attr.log_true_size ? attr.log_true_size + SLACK : size * 4;
  return Math.min(Math.max(wanted, size + SLACK), LARGEST_GROWN_LOG, LARGEST_LOG);
}

/**
 * Loads a program in as many attempts as it takes to have the verifier's log when it is needed.
 * Written as a generator, so that the same steps serve the synchronous and the asynchronous form: each
 * yield is one BPF_PROG_LOAD.
 *
 * The first attempt asks for no log: on Linux 6.18 a log made the verification of a program of 3,000
 * instructions 3 to 10 times slower, and a good program fails with ENOSPC when its log does not fit.
 */
export function* attempts(
  what: string,
  base: ProgLoadAttr,
  options: ProgramOptions,
): Generator<ProgLoadAttr, Loaded, Outcome> {
  let first: BpfError | undefined;
  let level = options.logLevel ?? 0;
  if (level === 0) {
    const outcome = yield base;
    if (!(outcome instanceof BpfError)) return { fd: outcome, log: '' };
    first = outcome;
    level = 1;
  }
  for (let size: number | undefined = options.logSize ?? DEFAULT_LOG_SIZE; ; ) {
    const log = new Uint8Array(size);
    const attr: ProgLoadAttr = { ...base, log_buf: log, log_size: size, log_level: level, log_true_size: 0 };
    const outcome = yield attr;
    if (!(outcome instanceof BpfError)) return { fd: outcome, log: textOf(log) };
    const truncated = outcome.code === 'ENOSPC';
    size = truncated ? grown(size, attr) : undefined;
    if (size !== undefined) continue;
    throw failure(what, first ?? outcome, textOf(log), truncated);
  }
}

/** A log means the verifier refused; without one the system call's own error says what is wrong. */
function failure(what: string, error: BpfError, log: string, truncated: boolean): BpfError {
  if (log === '' || error.errno === undefined) return error;
  const { errno, syscall, command } = error;
  return new VerifierError(what, { errno, syscall, command, log, truncated, cause: error });
}
