import { wrongType } from '../errors/index.ts';

/** Means every process, for perf_event_open. */
export const EVERY_PROCESS = -1;

/**
 * Checks the option `processId`: the id of a process, 0 for this one, -1 for every process.
 *
 * @throws TypeError, RangeError for other values
 */
export function checkProcess(what: string, processId: number): number {
  if (typeof processId !== 'number') throw wrongType(`${what}: processId`, 'a number', processId);
  if (!Number.isInteger(processId) || processId < EVERY_PROCESS || processId > 0x7fff_ffff) {
    throw new RangeError(
      `${what}: processId must be the id of a process, 0 for this one or -1 for all, got ${processId}`,
    );
  }
  return processId;
}

const LARGEST = (1n << 64n) - 1n;

/** Checks a cookie, period or revision: an unsigned 64-bit number. @throws TypeError, RangeError */
export function checkU64(what: string, value: unknown): void {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return;
    throw new RangeError(`${what} must be a whole number from 0 to 2^53 - 1, or a bigint, got ${value}`);
  }
  if (typeof value !== 'bigint') throw wrongType(what, 'a number or a bigint', value);
  if (value < 0n || value > LARGEST) {
    throw new RangeError(`${what} must be between 0 and 2^64 - 1, got ${value}`);
  }
}

/** Checks an offset in bytes. @throws TypeError, RangeError unless it is a whole number from 0 on */
export function checkOffset(what: string, offset: unknown, option = 'offset'): void {
  if (typeof offset !== 'number') throw wrongType(`${what}: ${option}`, 'a number', offset);
  if (Number.isSafeInteger(offset) && offset >= 0) return;
  throw new RangeError(`${what}: ${option} must be a whole number of bytes, got ${offset}`);
}
