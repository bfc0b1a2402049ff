/** The longest time that Node's timers wait. If asked for more, they fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Without a limit, the option is left out or Infinity.
 *
 * @throws TypeError if it is not a number, RangeError for a time that no timer can hold
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
