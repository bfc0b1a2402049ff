import type { Codec } from '../../bytes/codec/index.ts';
import { BaseMap } from '../base-map.ts';
import type { MapHandle } from '../handle.ts';

/**
 * A ring buffer: `ringbuf`, which programs write and a `RingBuffer` reads, or `user_ringbuf` (Linux >= 6.1), which a
 * `UserRingBuffer` writes and programs read. It holds records and has no entries. `R` is what a record holds.
 */
export class RingMap<R = Uint8Array> extends BaseMap<'ringbuf' | 'user_ringbuf'> {
  /** What a record holds, if that was said when the map was made or opened: what its readers and writers take. */
  readonly records: Codec<R> | undefined;

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle, records: Codec<R> | undefined) {
    super(handle);
    this.records = records;
  }
}
