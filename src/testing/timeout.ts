/** The longest that Node's timers wait: they fire at once when asked for more. */
const LONGEST = 2 ** 31 - 1;

/**
 * @throws TypeError for what is no number, RangeError for a time that no timer takes; without a limit it is left out
 *   or Infinity
 */
export function checkTimeout(timeout: unknown): void {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
  if (typeof timeout !== 'number') {
    const got = typeof timeout === 'string' ? JSON.stringify(timeout) : String(timeout);
    throw new TypeError(`timeout: expected a number of milliseconds, got ${got}`);
  }
  if (timeout >= 0 && timeout <= LONGEST) return;
  throw new RangeError(`timeout: expected 0 to ${LONGEST} ms, or Infinity for no limit, got ${timeout}`);
}
