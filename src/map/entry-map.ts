import { updateBatch } from './batch-write.ts';
import { bulkRead, type RawResult, type RawTarget, rawMemory } from './bulk.ts';
import { rawChunks } from './iterate.ts';
import { clear, deleteMany, setMany, takeAll } from './many.ts';
import { QueueMap } from './queue-map.ts';

/** Maps whose entries are read and written many at a time: iteration and batches. */
export abstract class EntryMap<K, V> extends QueueMap<K, V> {
  /**
   * All entries, in the kernel's order. An entry that stays in the map all the while comes exactly once, whatever is
   * inserted or deleted meanwhile. Entries are read in batches where the kernel can, so one may come that was deleted
   * a moment ago.
   *
   * A key that would not be written with the bytes it was read from, such as text after a NUL, is refused; a key of
   * which only the padding would change leads back to its entry as long as it is this very object.
   *
   * @throws RangeError for such a key; BpfError, ClosedError when stepping
   */
  *entries(): Generator<[K, V], void, undefined> {
    const { key, value } = this;
    for (const { keys, values, count } of rawChunks(this.core, true)) {
      for (let i = 0; i < count; i++)
        yield [key.decode(keys, i * key.size), value.decode(values, i * value.size)];
    }
  }

  /** All keys; see {@link entries}. */
  *keys(): Generator<K, void, undefined> {
    const { key } = this;
    for (const { keys, count } of rawChunks(this.core, false)) {
      for (let i = 0; i < count; i++) yield key.decode(keys, i * key.size);
    }
  }

  /** The values of all entries; see {@link entries}. */
  *values(): Generator<V, void, undefined> {
    const { value } = this;
    for (const { values, count } of rawChunks(this.core, true)) {
      for (let i = 0; i < count; i++) yield value.decode(values, i * value.size);
    }
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries();
  }

  /** Calls `visit` for all entries; see {@link entries}. */
  forEach(visit: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** Counts the entries, by reading them all: the kernel keeps no number. */
  count(): number {
    let total = 0;
    for (const { count } of rawChunks(this.core, false)) total += count;
    return total;
  }

  /** Deletes all entries. @throws BpfError where the type's entries cannot be deleted */
  clear(): void {
    clear(this.core);
  }

  /**
   * Stores many entries with few system calls, in their order. What was stored before an error stays.
   *
   * @returns how many there were
   */
  setMany(entries: Iterable<readonly [K, V]>): number {
    return setMany(this.core, this.key, this.value, entries);
  }

  /** Deletes many entries with few system calls. Returns how many of them were there. */
  deleteMany(keys: Iterable<K>): number {
    return deleteMany(this.core, this.key, keys);
  }

  /**
   * Deletes all entries and returns them. Hash maps lose nothing that is written meanwhile; for types without
   * lookup-and-delete, such as tries, a value written between reading and deleting is lost.
   *
   * @throws RangeError for a key that {@link entries} refuses: then all entries are put back that nothing else was
   *   written for meanwhile
   */
  takeAll(): [K, V][] {
    return takeAll(this.core, this.key, this.value);
  }

  /**
   * Reads entries as plain bytes into memory of the caller, without decoding: the fastest way to read a large map,
   * with one system call where the kernel has batches.
   *
   * @example
   * const keys = new Uint32Array(map.maxEntries);
   * const values = new BigUint64Array(map.maxEntries);
   * const { count } = map.readInto({ keys, values });
   *
   * @throws RangeError when the memory's size is no multiple of the entries'
   */
  readInto(target: RawTarget): RawResult {
    return bulkRead(this.core, 'map_lookup_batch', target);
  }

  /** Like {@link readInto}, and deletes the entries that were read. */
  takeInto(target: RawTarget): RawResult {
    return bulkRead(this.core, 'map_lookup_and_delete_batch', target);
  }

  /**
   * Stores entries from plain bytes, without encoding.
   *
   * @param count - how many; by default as many as `keys` and `values` hold
   */
  writeFrom(source: RawTarget, count?: number): void {
    const { keys, values, capacity } = rawMemory('source', this.core, source);
    if (count !== undefined && !(Number.isInteger(count) && count >= 0 && count <= capacity)) {
      throw new RangeError(`count ${count} is not a whole number from 0 to ${capacity}`);
    }
    updateBatch(this.core, { keys, values, count: count ?? capacity });
  }
}
