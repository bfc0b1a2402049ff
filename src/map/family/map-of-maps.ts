import { KeyedMap } from './keyed-map.ts';

/**
 * An `array_of_maps` or `hash_of_maps`: its values are maps. Each map that is read has its own descriptor, which you
 * close. Reading one needs CAP_SYS_ADMIN in the initial user namespace. If the map of maps was opened without `inner`,
 * its values are the ids of the maps, as plain bytes.
 */
export class MapOfMaps<K, M> extends KeyedMap<K, M, 'array_of_maps' | 'hash_of_maps'> {}
