import { checkInteger } from '../errors/index.ts';

/** The kernel refuses a larger buffer (UINT_MAX >> 2). */
const LARGEST_LOG = 2 ** 30 - 1;

/** What the verifier logs. */
export interface LogOptions {
  /**
   * What the verifier logs, as a sum: 1 its decisions, 2 every instruction, 4 statistics. Default: 0, which logs
   * nothing unless the load fails. A log makes verification several times slower, and a good program can fail only
   * because its log is too large.
   */
  readonly logLevel?: number | undefined;
  /** The first size of the log buffer in bytes. It grows if it is too small. Default: 64 KiB. */
  readonly logSize?: number | undefined;
}

/** Checks the options. @throws TypeError, RangeError for a log size or level that the kernel would refuse */
export function checkLogOptions(what: string, { logSize, logLevel }: LogOptions): void {
  if (logSize !== undefined) checkInteger(`${what}: logSize`, logSize, 128, LARGEST_LOG);
  if (logLevel !== undefined) checkInteger(`${what}: logLevel`, logLevel, 0, 15);
}
