import type { MapType } from '../abi/index.ts';

/** Maps whose entries hold one value for each possible CPU. */
export type PerCpuMapType = 'percpu_hash' | 'percpu_array' | 'lru_percpu_hash' | 'percpu_cgroup_storage';

/** Maps whose values are maps. */
export type MapOfMapsType = 'array_of_maps' | 'hash_of_maps';

/** Storage that is attached to kernel objects. The kernel wants BTF for its key and value. */
export type StorageMapType = 'sk_storage' | 'inode_storage' | 'task_storage' | 'cgrp_storage';

const set = (...types: MapType[]): ReadonlySet<string> => new Set(types);

export const PER_CPU: ReadonlySet<string> = set(
  'percpu_hash',
  'percpu_array',
  'lru_percpu_hash',
  'percpu_cgroup_storage',
);

export const MAP_OF_MAPS: ReadonlySet<string> = set('array_of_maps', 'hash_of_maps');

export const STORAGE: ReadonlySet<string> = set(
  'sk_storage',
  'inode_storage',
  'task_storage',
  'cgrp_storage',
);

/** Types whose keys are the numbers from 0 to max_entries - 1. Each of these has an entry or an empty slot. */
export const INDEXED: ReadonlySet<string> = set(
  'array',
  'percpu_array',
  'prog_array',
  'perf_event_array',
  'cgroup_array',
  'array_of_maps',
  'devmap',
  'cpumap',
  'xskmap',
  'sockmap',
  'reuseport_sockarray',
  'insn_array',
);

/**
 * Types whose batch lookups go from bucket to bucket or from index to index. If entries are deleted meanwhile, such a
 * lookup neither starts again nor skips other entries. Batch lookups of the other types go from key to key.
 */
export const BATCH_SAFE: ReadonlySet<string> = set(
  'hash',
  'lru_hash',
  'percpu_hash',
  'lru_percpu_hash',
  'hash_of_maps',
  'array',
  'percpu_array',
);

/** Types whose entries move when the table grows or shrinks: one pass may miss entries that stay in the map. */
export const RESIZING: ReadonlySet<string> = set('rhash');

/** Types without keys. */
export const KEYLESS: ReadonlySet<string> = set(
  'queue',
  'stack',
  'bloom_filter',
  'ringbuf',
  'user_ringbuf',
  'arena',
);

/** Types that hold records, which are read and written through shared memory. */
export const WITH_RECORDS: ReadonlySet<string> = set('ringbuf', 'user_ringbuf', 'perf_event_array');

/** Flags that the kernel requires for every map of the type. */
export const REQUIRED_FLAGS: Readonly<Record<string, readonly ('no_prealloc' | 'mmapable')[]>> = {
  lpm_trie: ['no_prealloc'],
  rhash: ['no_prealloc'],
  sk_storage: ['no_prealloc'],
  inode_storage: ['no_prealloc'],
  task_storage: ['no_prealloc'],
  cgrp_storage: ['no_prealloc'],
  arena: ['mmapable'],
};
