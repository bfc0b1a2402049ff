import { wrongType } from '../errors/index.ts';

/** How many records to read at once. */
export interface ReadOptions {
  /** At most this many records. Default: all that are there. */
  readonly limit?: number | undefined;
}

/** How long a reader's `run` or `wait` goes on. */
export interface RunOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws TypeError, RangeError */
export function checkLimit(what: string, limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(limit) || limit < 1) {
    if (typeof limit !== 'number') throw wrongType(`${what}: limit`, 'a number', limit);
    throw new RangeError(`${what}: limit must be a positive integer, got ${limit}`);
  }
  return limit;
}
