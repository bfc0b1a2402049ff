import { type Codec, wrongType } from '../bytes/codec/index.ts';
import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { ownsDescriptor } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import type { MapOfMapsType } from './families.ts';
import type { MapOptions } from './options.ts';

/** How a map of maps is created. */
export interface MapOfMapsOptions<T extends MapOfMapsType, K, M>
  extends Omit<MapOptions<T, K, unknown>, 'value' | 'records'> {
  /**
   * A map like those that it will hold. Pass a map that exists, or options: then a map is created with them and closed
   * again.
   */
  readonly inner: M;
}

/**
 * The codec for the values of a map of maps. A map is written as its descriptor. Reading gives an id, which is opened
 * as a map: so each map that is read has its own descriptor, which the reader closes. Opening by id needs CAP_SYS_ADMIN
 * in the initial user namespace.
 */
export function innerMaps<M extends { readonly fd: Fd }>(open: (id: number) => M): Codec<M> {
  return {
    name: 'map',
    size: 4,
    align: 4,
    encode(view: DataView, offset: number, map: M): void {
      if (!ownsDescriptor(map)) wrongType(map, 'a BpfMap');
      view.setInt32(offset, map.fd.value, HOST_LITTLE_ENDIAN);
    },
    decode(view: DataView, offset: number): M {
      return open(view.getUint32(offset, HOST_LITTLE_ENDIAN));
    },
  };
}
