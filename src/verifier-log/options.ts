/** The kernel refuses a larger buffer (UINT_MAX >> 2). */
const LARGEST_LOG = 2 ** 30 - 1;

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

/** @throws RangeError for a log size or level that the kernel would refuse */
export function checkLogOptions(what: string, { logSize, logLevel }: LogOptions): void {
  if (logSize !== undefined && !(Number.isInteger(logSize) && logSize >= 128 && logSize <= LARGEST_LOG)) {
    throw new RangeError(`${what}: logSize must be an integer from 128 to ${LARGEST_LOG}, not ${logSize}`);
  }
  if (logLevel !== undefined && !(Number.isInteger(logLevel) && logLevel >= 0 && logLevel <= 15)) {
    throw new RangeError(`${what}: logLevel must be an integer from 0 to 15, not ${logLevel}`);
  }
}
