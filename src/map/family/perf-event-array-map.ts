import type { Codec } from '../../bytes/codec/index.ts';
import type { MapHandle } from '../handle.ts';
import { HandleMap } from './handle-map.ts';

/**
 * Perf events, one for each CPU. Programs write records to them with `perf_event_output`, or read counters from them.
 * To read the records, open a `PerfBuffer`, which sets the entries itself. `R` is what a record holds.
 */
export class PerfEventArrayMap<K, V, R = Uint8Array> extends HandleMap<K, V, 'perf_event_array'> {
  /** What a record holds, and so what readers return, if that was given when the map was created or opened. */
  readonly records: Codec<R> | undefined;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>, records: Codec<R> | undefined) {
    super(handle);
    this.records = records;
  }
}
