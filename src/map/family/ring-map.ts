import type { Codec } from '../../bytes/codec/index.ts';
import { BaseMap } from '../base-map.ts';
import type { MapHandle } from '../handle.ts';

/**
 * A ring buffer: `ringbuf`, which programs write and a `RingBuffer` reads, or `user_ringbuf` (Linux >= 6.1), which a
 * `UserRingBuffer` writes and programs read. It holds records, and has no entries. `R` is what a record holds.
 */
export class RingMap<R = Uint8Array> extends BaseMap<'ringbuf' | 'user_ringbuf'> {
  /**
   * What a record holds, and so what readers return and writers take, if that was given when the map was created or
   * opened.
   */
  readonly records: Codec<R> | undefined;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle, records: Codec<R> | undefined) {
    super(handle);
    this.records = records;
  }
}
