import { mapUpdateFlags } from '../../abi/index.ts';
import { ERRNO } from '../../errors/index.ts';
import { BaseMap } from '../base-map.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import { accessOf, type MapHandle } from '../handle.ts';

const { ENOENT } = ERRNO;

/** A set that recognizes every value that was added, and by mistake a few that were not. Linux >= 5.16 */
export class BloomFilterMap<V> extends BaseMap<'bloom_filter'> {
  readonly #entries: EntryAccess<unknown, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<unknown, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Adds a value.
   *
   * @throws TypeError, RangeError when the value does not fit its codec
   * @throws BpfError, ClosedError
   */
  push(value: V): void {
    const result = this.#entries.offer('update', mapUpdateFlags.any, value);
    if (result < 0) throw this.#entries.core.error('push to', 'map_update_elem', -result);
  }

  /** Whether the filter may hold `value`. False is certain, true is only likely. @throws like {@link push} */
  mayContain(value: V): boolean {
    const result = this.#entries.offer('lookup', 0, value);
    if (result >= 0) return true;
    if (result === -ENOENT) return false;
    throw this.#entries.core.error('look a value up in', 'map_lookup_elem', -result);
  }
}
