import { type Codec, HOST_LITTLE, wrongType } from '../bytes/codec/index.ts';
import type { Fd } from '../sys/index.ts';
import type { MapOfMapsType } from './families.ts';
import type { MapOptions } from './options.ts';

/** How a map of maps is created. */
export interface MapOfMapsOptions<T extends MapOfMapsType, K, M>
  extends Omit<MapOptions<T, K, unknown>, 'value' | 'records'> {
  /** A map like those it will hold: one that exists, or the options of one, which is made and closed again. */
  readonly inner: M;
}

/**
 * The value of a map of maps: written as a descriptor, read as an id that is opened. So each value that is read is a
 * descriptor of its own, which the reader closes; opening by id needs CAP_SYS_ADMIN in the initial user namespace.
 */
export function innerMaps<M extends { readonly fd: Fd }>(open: (id: number) => M): Codec<M> {
  return {
    name: 'map',
    size: 4,
    align: 4,
    encode(view: DataView, offset: number, map: M): void {
      if (typeof map !== 'object' || map === null || map.fd === undefined) wrongType(map, 'a BpfMap');
      view.setInt32(offset, map.fd.value, HOST_LITTLE);
    },
    decode(view: DataView, offset: number): M {
      return open(view.getUint32(offset, HOST_LITTLE));
    },
  };
}
