import { type Codec, nameRoot } from '../../bytes/codec/index.ts';
import { checkIterable, wrongType } from '../../errors/index.ts';
import type { MapCore } from '../core.ts';
import { describe } from '../facts.ts';
import { deleteBatch, putBack, type RawEntries, updateBatch } from './batch-write.ts';
import { bulkRead } from './bulk.ts';
import { chunkEntries, rawChunks } from './iterate.ts';

/** A buffer for encoded entries. Its user hands it to the kernel when it is full. */
class Chunk {
  readonly capacity: number;
  readonly keys: DataView;
  readonly values: DataView;
  count: number = 0;
  /** The same memory, through views that codecs never get. */
  readonly #keys: Uint8Array<ArrayBuffer>;
  readonly #values: Uint8Array<ArrayBuffer>;

  constructor(core: MapCore) {
    const { keySize, bufferSize } = core.facts;
    this.capacity = chunkEntries(core);
    this.#keys = new Uint8Array(this.capacity * keySize);
    this.#values = new Uint8Array(this.capacity * bufferSize);
    this.keys = new DataView(this.#keys.buffer);
    this.values = new DataView(this.#values.buffer);
  }

  raw(): { keys: Uint8Array; values: Uint8Array; count: number } {
    return { keys: this.#keys, values: this.#values, count: this.count };
  }
}

/** Writes entries in batches. What was written before an error stays. Returns how many there were. */
export function setMany<K, V>(
  core: MapCore,
  key: Codec<K>,
  value: Codec<V>,
  entries: Iterable<readonly [K, V]>,
): number {
  core.assertOpen();
  checkIterable('setMany: entries', entries);
  const chunk = new Chunk(core);
  let total = 0;
  const flush = (): void => {
    updateBatch(core, chunk.raw());
    total += chunk.count;
    chunk.count = 0;
  };
  for (const entry of entries) {
    const at = total + chunk.count;
    if (!Array.isArray(entry)) throw wrongType(`setMany: entry ${at}`, 'a pair [key, value]', entry);
    const [k, v] = entry as readonly [K, V];
    encode(core, key, chunk.keys, chunk.count, k, `key of entry ${at}`);
    encode(core, value, chunk.values, chunk.count, v, `value of entry ${at}`);
    chunk.count++;
    if (chunk.count === chunk.capacity) flush();
  }
  flush();
  return total;
}

/** Deletes entries in batches. Returns how many of them were there. */
export function deleteMany<K>(core: MapCore, key: Codec<K>, keys: Iterable<K>): number {
  core.assertOpen();
  checkIterable('deleteMany: keys', keys);
  const chunk = new Chunk(core);
  let total = 0;
  let deleted = 0;
  const flush = (): void => {
    deleted += deleteBatch(core, chunk.raw());
    total += chunk.count;
    chunk.count = 0;
  };
  for (const k of keys) {
    encode(core, key, chunk.keys, chunk.count, k, `key ${total + chunk.count}`);
    chunk.count++;
    if (chunk.count === chunk.capacity) flush();
  }
  flush();
  return deleted;
}

/** Deletes all entries by the bytes of their keys, so that the codec of the map does not matter. */
export function clear(core: MapCore): void {
  const { keySize } = core.facts;
  const capacity = chunkEntries(core);
  const keys = new Uint8Array(capacity * keySize);
  let collected = 0;
  const flush = (): void => {
    deleteBatch(core, { keys, values: NO_VALUES, count: collected });
    collected = 0;
  };
  for (const chunk of rawChunks(core, false)) {
    const met = new Uint8Array(chunk.keys.buffer);
    for (let from = 0; from < chunk.count; ) {
      const count = Math.min(chunk.count - from, capacity - collected);
      keys.set(met.subarray(from * keySize, (from + count) * keySize), collected * keySize);
      from += count;
      collected += count;
      if (collected === capacity) flush();
    }
  }
  flush();
}

const NO_VALUES = new Uint8Array(0);

/**
 * Takes all entries out of the map. If one cannot be decoded, the entries that were taken are put back before the error
 * is thrown, except where another entry was written under the same key meanwhile.
 */
export function takeAll<K, V>(core: MapCore, key: Codec<K>, value: Codec<V>): [K, V][] {
  const { keySize, bufferSize } = core.facts;
  const entries: [K, V][] = [];
  const taken: RawEntries[] = [];
  let capacity = chunkEntries(core);
  for (;;) {
    const keys = new Uint8Array(capacity * keySize);
    const values = new Uint8Array(capacity * bufferSize);
    const { count, complete } = bulkRead(core, 'map_lookup_and_delete_batch', { keys, values });
    taken.push({ keys, values, count });
    const keyView = new DataView(keys.buffer);
    const valueView = new DataView(values.buffer);
    try {
      for (let i = 0; i < count; i++) {
        entries.push([key.decode(keyView, i * keySize), value.decode(valueView, i * bufferSize)]);
      }
    } catch (error) {
      for (const chunk of taken) putBack(core, chunk);
      throw error;
    }
    if (complete) return entries;
    if (count === 0) capacity *= 2; // one hash bucket holds more than fits
  }
}

function encode<T>(
  core: MapCore,
  codec: Codec<T>,
  view: DataView,
  index: number,
  value: T,
  root: string,
): void {
  try {
    codec.encode(view, index * codec.size, value);
  } catch (error) {
    throw nameRoot(error, `${describe(core.facts)}: ${root}`);
  }
}
