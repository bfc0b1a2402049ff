import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions } from '../entries/entry-options.ts';
import { accessOf, type MapHandle } from '../handle.ts';
import { KeyedMap } from './keyed-map.ts';

/**
 * A hash map: `hash`; `lru_hash`, which drops the least recently used entries; or `rhash`, which grows (Linux >= 7.2).
 */
export class HashMap<K, V, T extends string = 'hash' | 'lru_hash' | 'rhash'> extends KeyedMap<K, V, T> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Deletes the entry under `key` and returns its value, or `undefined` when there is none. This is one step: no other
   * write can happen in between. Linux >= 5.14
   *
   * @throws like {@link get}
   */
  take(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.take(key, options);
  }
}
