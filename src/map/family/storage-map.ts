import { BaseMap } from '../base-map.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions, WriteOptions } from '../entries/entry-options.ts';
import type { StorageMapType } from '../families.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/**
 * Storage that programs attach to sockets, inodes, tasks and cgroups. The key is a descriptor of the object, as an
 * `i32`: a socket, a file, a pidfd, or the folder of the cgroup. The kernel cannot list the entries.
 */
export class StorageMap<K, V> extends BaseMap<StorageMapType> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Returns the value stored with an object, or `undefined` when there is none.
   *
   * @throws TypeError, RangeError when the key does not fit its codec
   * @throws BpfError such as `EBADF` when the key is not a descriptor of such an object; ClosedError
   */
  get(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.get(key, options);
  }

  /** Whether a value is stored with an object. @throws like {@link get} */
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

  /** Deletes the value stored with an object. Returns whether there was one. @throws like {@link get} */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }
}
