import type { Codec } from '../bytes/codec/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { BpfMap } from '../map/index.ts';

/** How records are read. */
export interface RingBufferOptions<T> {
  /**
   * What a record holds; longer records are read as far as it goes. Default: what the map says of its records, as the
   * source of an object file does with `__type(value, …)`; else a copy of the plain bytes.
   */
  readonly value?: Codec<T> | undefined;
}

/** How long, and how much at once. */
export interface ReadOptions {
  /** At most so many records. Default: what is there. */
  readonly limit?: number | undefined;
}

/** How long {@link RingBuffer.run} goes on. */
export interface RunOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

export type AnyMap<V = unknown> = Pick<BpfMap, 'type' | 'name' | 'maxEntries' | 'fd' | 'info'> &
  Partial<Pick<BpfMap<unknown, V>, 'records'>>;

/** What is read of a map when nothing else is said: what it says itself, else plain bytes. */
export type RecordOf<V> = [V] extends [undefined] ? Uint8Array : V;

/** How errors name the map. */
export const ringText = (map: AnyMap): string =>
  map.name === '' ? `ring buffer (${map.type})` : `ring buffer "${map.name}" (${map.type})`;

/** @throws TypeError for another type of map, unknown options, and rings that overwrite what was not read */
export function checkRing(
  what: string,
  map: AnyMap,
  type: 'ringbuf' | 'user_ringbuf',
  options: object,
  known: readonly string[],
): void {
  rejectUnknownOptions(what, options, known);
  if (map.type !== type)
    throw new TypeError(`${what}: map "${map.name}" is of type ${map.type}, not ${type}`);
  if (type === 'ringbuf' && map.info().flags.includes('rb_overwrite')) {
    throw new TypeError(
      `${what}: ${ringText(map)} overwrites what was not read (rb_overwrite): it cannot be read so`,
    );
  }
}

/** @throws RangeError */
export function checkLimit(what: string, limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`${what}: limit must be a positive integer, got ${limit}`);
  }
  return limit;
}
