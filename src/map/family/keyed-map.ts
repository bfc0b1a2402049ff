import { bulkRead, type RawResult, type RawTarget } from '../entries/bulk.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import { clear, deleteMany, takeAll } from '../entries/many.ts';
import { accessOf, type MapHandle } from '../handle.ts';
import { TableMap } from './table-map.ts';

/**
 * A map whose entries can also be deleted: tries (`lpm_trie`), maps of network devices and CPUs (`devmap`,
 * `devmap_hash`, `cpumap`), of programs (`prog_array`) and of sockets (`sockmap`, `sockhash`, `reuseport_sockarray`),
 * and `struct_ops`.
 *
 * Maps of programs or sockets are written with descriptors. Reading gives ids of programs (see `reference`) and cookies
 * of sockets. A cookie has 8 bytes: a map of sockets with values of 4 bytes can be written but not read.
 */
export class KeyedMap<K, V, T extends string = string> extends TableMap<K, V, T> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /** Deletes the entry under `key`. Returns whether there was one. @throws like {@link get} */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  /** Deletes all entries. @throws BpfError, ClosedError */
  clear(): void {
    clear(this.#entries.core);
  }

  /** Deletes many entries with few system calls. Returns how many of them were there. */
  deleteMany(keys: Iterable<K>): number {
    return deleteMany(this.#entries.core, this.#entries.key, keys);
  }

  /**
   * Deletes all entries and returns them. Hash maps lose nothing that is written meanwhile. For types without
   * lookup-and-delete, such as tries, a value that is written between reading and deleting is lost.
   *
   * @throws RangeError for a key that {@link entries} refuses. The entries are put back then, except where another
   *   entry was written under the same key meanwhile
   */
  takeAll(): [K, V][] {
    const { core, key, value } = this.#entries;
    return takeAll(core, key, value);
  }

  /** Like {@link readInto}, but also deletes the entries that were read. */
  takeInto(target: RawTarget): RawResult {
    return bulkRead(this.#entries.core, 'map_lookup_and_delete_batch', target);
  }
}
