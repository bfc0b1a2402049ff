import { BaseMap } from '../base-map.ts';
import { countOf, keysOf, writeFrom } from '../entries/all.ts';
import type { RawTarget } from '../entries/bulk.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import type { WriteOptions } from '../entries/entry-options.ts';
import { clear, deleteMany, setMany } from '../entries/many.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/**
 * A map of kernel objects that are written as descriptors and cannot be read back: cgroups (`cgroup_array`) and AF_XDP
 * sockets (`xskmap`).
 */
export class HandleMap<K, V, T extends string = string> extends BaseMap<T> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Stores an object under `key`.
   *
   * @returns true when it was stored; false only when `mode` did not allow it
   * @throws TypeError, RangeError when key or value do not fit their codecs
   * @throws BpfError such as `EBADF` when the value is not a descriptor of such an object; ClosedError
   */
  set(key: K, value: V, options?: WriteOptions): boolean {
    return this.#entries.set(key, value, options);
  }

  /** Deletes the entry under `key`. Returns whether there was one. @throws like {@link set} */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  /** All keys that the map can have: the kernel does not say which are set. @throws BpfError, ClosedError */
  keys(): Generator<K, void, undefined> {
    return keysOf(this.#entries);
  }

  /** Counts the keys that the map can have, by reading them all. */
  count(): number {
    return countOf(this.#entries);
  }

  /** Deletes all entries. */
  clear(): void {
    clear(this.#entries.core);
  }

  /** Stores many objects, in the order given. What was stored before an error stays. Returns how many there were. */
  setMany(entries: Iterable<readonly [K, V]>): number {
    const { core, key, value } = this.#entries;
    return setMany(core, key, value, entries);
  }

  /** Deletes many entries. Returns how many of them were there. */
  deleteMany(keys: Iterable<K>): number {
    return deleteMany(this.#entries.core, this.#entries.key, keys);
  }

  /** Stores entries from plain bytes. @param count - how many; by default as many as `keys` and `values` hold */
  writeFrom(source: RawTarget, count?: number): void {
    writeFrom(this.#entries, source, count);
  }
}
