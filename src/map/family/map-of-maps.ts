import { KeyedMap } from './keyed-map.ts';

/**
 * An `array_of_maps` or `hash_of_maps`, whose values are maps. Each map that is read is a descriptor of its own, which
 * the reader closes; opening it needs CAP_SYS_ADMIN in the initial user namespace. A map of maps that was opened without
 * `inner` gives the ids of the maps as plain bytes.
 */
export class MapOfMaps<K, M> extends KeyedMap<K, M, 'array_of_maps' | 'hash_of_maps'> {}
