import { mapUpdateFlags } from '../../abi/index.ts';
import { checkBoolean, rejectUnknownOptions } from '../../errors/index.ts';
import { BaseMap } from '../base-map.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/** What happens to a value when the queue or stack is full. */
export interface PushOptions {
  /** Drop the oldest value to make room. Default: refuse the new one with `E2BIG`. */
  readonly overwrite?: boolean | undefined;
}

function flagsOf(options: PushOptions): number {
  rejectUnknownOptions('map.push', options, ['overwrite']);
  const { overwrite = false } = options;
  checkBoolean('map.push: overwrite', overwrite);
  return overwrite ? mapUpdateFlags.exist : mapUpdateFlags.any;
}

/** A map of values without keys: a `queue` (first in, first out) or a `stack` (last in, first out). */
export class QueueMap<V> extends BaseMap<'queue' | 'stack'> {
  readonly #entries: EntryAccess<unknown, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<unknown, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * Adds a value.
   *
   * @throws TypeError, RangeError when the value does not fit its codec, and for unknown options
   * @throws BpfError `E2BIG` when it is full; ClosedError
   */
  push(value: V, options?: PushOptions): void {
    const flags = options === undefined ? mapUpdateFlags.any : flagsOf(options);
    const result = this.#entries.offer('update', flags, value);
    if (result < 0) throw this.#entries.core.error('push to', 'map_update_elem', -result);
  }

  /** Removes and returns the oldest value of a queue or the newest of a stack, or `undefined` when there is none. */
  pop(): V | undefined {
    return this.#entries.fetch('pop from', 'take');
  }

  /** Returns the value that {@link pop} would remove. */
  peek(): V | undefined {
    return this.#entries.fetch('peek into', 'lookup');
  }
}
