import { checkFunction } from '../../errors/index.ts';
import { BaseMap } from '../base-map.ts';
import { countOf, entriesOf, keysOf, valuesOf, writeFrom } from '../entries/all.ts';
import { bulkRead, type RawResult, type RawTarget } from '../entries/bulk.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions, WriteOptions } from '../entries/entry-options.ts';
import { setMany } from '../entries/many.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/**
 * A map whose entries can be read, written and listed. Storage of cgroups (`cgroup_storage`) and arrays of instructions
 * (`insn_array`, Linux >= 6.19) can do no more: their entries cannot be deleted.
 */
export class TableMap<K, V, T extends string = string> extends BaseMap<T> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Returns the value stored under `key`, or `undefined` when there is none. Types such as `array` always have a value
   * for every index below `maxEntries`.
   *
   * @throws TypeError, RangeError when the key does not fit its codec
   * @throws BpfError, ClosedError
   */
  get(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.get(key, options);
  }

  /** Whether there is an entry under `key`. @throws like {@link get} */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /**
   * Stores `value` under `key`.
   *
   * @returns true when it was stored; false only when `mode` did not allow it: the entry existed (`noexist`), or did
   *   not (`exist`)
   * @throws TypeError, RangeError when key or value do not fit their codecs
   * @throws BpfError such as `E2BIG` when the map is full, `EPERM` when it is frozen; ClosedError
   */
  set(key: K, value: V, options?: WriteOptions): boolean {
    return this.#entries.set(key, value, options);
  }

  /**
   * All entries, in the kernel's order. An entry that stays in the map for the whole iteration comes exactly once,
   * whatever is inserted or deleted meanwhile. Entries are read in batches if the kernel can, so an entry may come that
   * was deleted a moment ago.
   *
   * A key is refused if it would not be written with the bytes that it was read from, such as text after a NUL. If only
   * its padding would change, the key is accepted, and leads back to its entry as long as you pass the same object.
   *
   * @throws RangeError for a key that is refused; BpfError, ClosedError when stepping
   */
  entries(): Generator<[K, V], void, undefined> {
    return entriesOf(this.#entries);
  }

  /** All keys; see {@link entries}. */
  keys(): Generator<K, void, undefined> {
    return keysOf(this.#entries);
  }

  /** The values of all entries; see {@link entries}. */
  values(): Generator<V, void, undefined> {
    return valuesOf(this.#entries);
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries();
  }

  /** Calls `visit` for all entries; see {@link entries}. */
  forEach(visit: (value: V, key: K, map: this) => void): void {
    checkFunction('map.forEach: visit', visit);
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** Counts the entries by reading all keys: the kernel keeps no count. */
  count(): number {
    return countOf(this.#entries);
  }

  /**
   * Stores many entries with few system calls, in the order given. What was stored before an error stays.
   *
   * @returns how many there were
   */
  setMany(entries: Iterable<readonly [K, V]>): number {
    const { core, key, value } = this.#entries;
    return setMany(core, key, value, entries);
  }

  /**
   * Reads entries as plain bytes into your memory, without decoding. This is the fastest way to read a large map: it
   * usually takes one system call, if the kernel has batches for the map.
   *
   * @example
   * const keys = new Uint32Array(map.maxEntries);
   * const values = new BigUint64Array(map.maxEntries);
   * const { count } = map.readInto({ keys, values });
   *
   * @throws RangeError when the size of `keys` or `values` is not a multiple of the size of a key or value
   */
  readInto(target: RawTarget): RawResult {
    return bulkRead(this.#entries.core, 'map_lookup_batch', target);
  }

  /**
   * Stores entries from plain bytes, without encoding.
   *
   * @param count - how many; by default as many as `keys` and `values` hold
   */
  writeFrom(source: RawTarget, count?: number): void {
    writeFrom(this.#entries, source, count);
  }
}
