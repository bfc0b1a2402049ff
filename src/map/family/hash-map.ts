import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions } from '../entries/entry-options.ts';
import { accessOf, type MapHandle } from '../handle.ts';
import { KeyedMap } from './keyed-map.ts';

/**
 * A hash map: `hash`, `lru_hash`, which drops the entries that were used least recently, and `rhash`, which grows
 * (Linux >= 7.2).
 */
export class HashMap<K, V, T extends string = 'hash' | 'lru_hash' | 'rhash'> extends KeyedMap<K, V, T> {
  readonly #entries: EntryAccess<K, V>;

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Deletes the entry under `key` and returns its value, in one step that no other writer can come between;
   * `undefined` when there is none. Linux >= 5.14
   *
   * @throws like {@link get}
   */
  take(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.take(key, options);
  }
}
