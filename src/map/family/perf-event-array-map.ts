import type { Codec } from '../../bytes/codec/index.ts';
import type { MapHandle } from '../handle.ts';
import { HandleMap } from './handle-map.ts';

/**
 * Perf events, one for each CPU, that programs write records to by `perf_event_output`, or read counters from. To read
 * the records, open a `PerfBuffer`, which sets the entries itself. `R` is what a record holds.
 */
export class PerfEventArrayMap<K, V, R = Uint8Array> extends HandleMap<K, V, 'perf_event_array'> {
  /** What a record holds, if that was said when the map was made or opened: what its readers give. */
  readonly records: Codec<R> | undefined;

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle<K, V>, records: Codec<R> | undefined) {
    super(handle);
    this.records = records;
  }
}
