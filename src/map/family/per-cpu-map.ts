import { HashMap } from './hash-map.ts';
import { TableMap } from './table-map.ts';

/** A hash map with an array of values for each key, one for each possible CPU. `V` is the value of one CPU. */
export class PerCpuHashMap<K, V> extends HashMap<K, V[], 'percpu_hash' | 'lru_percpu_hash'> {}

/**
 * An array, or storage of cgroups, with an array of values for each key, one for each possible CPU. `V` is the value of
 * one CPU.
 */
export class PerCpuArrayMap<K, V> extends TableMap<K, V[], 'percpu_array' | 'percpu_cgroup_storage'> {}
