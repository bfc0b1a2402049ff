/** The most bytes one value may take: keys and values of maps are far below (KMALLOC_MAX_SIZE is 4 MiB). */
export const MAX_SIZE = 0x7fff_ffff;

/**
 * Checks the number of elements or bytes of a codec.
 *
 * @throws TypeError or RangeError with the value seen
 */
export function checkCount(what: string, count: number, elementSize: number): void {
  if (typeof count !== 'number') throw new TypeError(`${what}: expected a number, got ${typeof count}`);
  if (!Number.isInteger(count) || count < 1 || count * elementSize > MAX_SIZE) {
    throw new RangeError(`${what}: ${count} is not a whole number of at least 1 that fits a value`);
  }
}
