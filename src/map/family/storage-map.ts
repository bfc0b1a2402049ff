import { BaseMap } from '../base-map.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions, WriteOptions } from '../entries/entry-options.ts';
import type { StorageMapType } from '../families.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/**
 * Storage that programs attach to sockets, inodes, tasks and cgroups. A key is a descriptor of the object, as an `i32`: of
 * a socket, of a file, a pidfd, or of the cgroup's folder. The kernel does not list the entries.
 */
export class StorageMap<K, V> extends BaseMap<StorageMapType> {
  readonly #entries: EntryAccess<K, V>;

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * What is stored with an object, or `undefined` when nothing is.
   *
   * @throws TypeError, RangeError when the key does not fit its codec
   * @throws BpfError such as `EBADF` when the key is not a descriptor of such an object; ClosedError
   */
  get(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.get(key, options);
  }

  /** Whether anything is stored with an object. @throws like {@link get} */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /**
   * Stores a value with an object.
   *
   * @returns true when it was stored; false only when `mode` did not allow it
   * @throws like {@link get}
   */
  set(key: K, value: V, options?: WriteOptions): boolean {
    return this.#entries.set(key, value, options);
  }

  /** Deletes what is stored with an object. Returns whether there was something. @throws like {@link get} */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }
}
