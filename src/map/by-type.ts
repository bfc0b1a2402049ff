import type { MapType } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import { BaseMap } from './base-map.ts';
import { ArenaMap } from './family/arena-map.ts';
import { ArrayMap } from './family/array-map.ts';
import { BloomFilterMap } from './family/bloom-filter-map.ts';
import { HandleMap } from './family/handle-map.ts';
import { HashMap } from './family/hash-map.ts';
import { KeyedMap } from './family/keyed-map.ts';
import { MapOfMaps } from './family/map-of-maps.ts';
import { PerCpuArrayMap, PerCpuHashMap } from './family/per-cpu-map.ts';
import { PerfEventArrayMap } from './family/perf-event-array-map.ts';
import { QueueMap } from './family/queue-map.ts';
import { RingMap } from './family/ring-map.ts';
import { StackTraceMap } from './family/stack-trace-map.ts';
import { StorageMap } from './family/storage-map.ts';
import { TableMap } from './family/table-map.ts';
import type { MapHandle } from './handle.ts';

/** Types whose class is {@link KeyedMap} itself. */
export type KeyedMapType =
  | 'lpm_trie'
  | 'prog_array'
  | 'devmap'
  | 'devmap_hash'
  | 'cpumap'
  | 'sockmap'
  | 'sockhash'
  | 'reuseport_sockarray'
  | 'struct_ops';

/** The class of each type of map. `K`, `V`: keys and values; `R`: records. */
export interface MapByType<K, V, R = Uint8Array> {
  readonly unspec: never;
  readonly hash: HashMap<K, V>;
  readonly array: ArrayMap<K, V>;
  readonly prog_array: KeyedMap<K, V, KeyedMapType>;
  readonly perf_event_array: PerfEventArrayMap<K, V, R>;
  readonly percpu_hash: PerCpuHashMap<K, V>;
  readonly percpu_array: PerCpuArrayMap<K, V>;
  readonly stack_trace: StackTraceMap<K, V>;
  readonly cgroup_array: HandleMap<K, V, 'cgroup_array' | 'xskmap'>;
  readonly lru_hash: HashMap<K, V>;
  readonly lru_percpu_hash: PerCpuHashMap<K, V>;
  readonly lpm_trie: KeyedMap<K, V, KeyedMapType>;
  readonly array_of_maps: MapOfMaps<K, V>;
  readonly hash_of_maps: MapOfMaps<K, V>;
  readonly devmap: KeyedMap<K, V, KeyedMapType>;
  readonly sockmap: KeyedMap<K, V, KeyedMapType>;
  readonly cpumap: KeyedMap<K, V, KeyedMapType>;
  readonly xskmap: HandleMap<K, V, 'cgroup_array' | 'xskmap'>;
  readonly sockhash: KeyedMap<K, V, KeyedMapType>;
  readonly cgroup_storage: TableMap<K, V, 'cgroup_storage' | 'insn_array'>;
  readonly reuseport_sockarray: KeyedMap<K, V, KeyedMapType>;
  readonly percpu_cgroup_storage: PerCpuArrayMap<K, V>;
  readonly queue: QueueMap<V>;
  readonly stack: QueueMap<V>;
  readonly sk_storage: StorageMap<K, V>;
  readonly devmap_hash: KeyedMap<K, V, KeyedMapType>;
  readonly struct_ops: KeyedMap<K, V, KeyedMapType>;
  readonly ringbuf: RingMap<R>;
  readonly inode_storage: StorageMap<K, V>;
  readonly task_storage: StorageMap<K, V>;
  readonly bloom_filter: BloomFilterMap<V>;
  readonly user_ringbuf: RingMap<R>;
  readonly cgrp_storage: StorageMap<K, V>;
  readonly arena: ArenaMap;
  readonly insn_array: TableMap<K, V, 'cgroup_storage' | 'insn_array'>;
  readonly rhash: HashMap<K, V>;
}

/** A map of a type that this library does not know. Its `type` is the kernel's number, as text. */
export type UnknownMap = BaseMap<`${number}`>;

/** A map of the type `T`, or of any type if `T` is not known. */
export type MapOfType<T extends MapType, K, V, R = Uint8Array> =
  | MapByType<K, V, R>[T]
  | (MapType extends T ? UnknownMap : never);

type MapClass = new (handle: MapHandle<never, never>, records: Codec<unknown> | undefined) => BaseMap;

const CLASSES: { readonly [type in MapType]: MapClass } = {
  unspec: BaseMap,
  hash: HashMap,
  array: ArrayMap,
  prog_array: KeyedMap,
  perf_event_array: PerfEventArrayMap,
  percpu_hash: PerCpuHashMap,
  percpu_array: PerCpuArrayMap,
  stack_trace: StackTraceMap,
  cgroup_array: HandleMap,
  lru_hash: HashMap,
  lru_percpu_hash: PerCpuHashMap,
  lpm_trie: KeyedMap,
  array_of_maps: MapOfMaps,
  hash_of_maps: MapOfMaps,
  devmap: KeyedMap,
  sockmap: KeyedMap,
  cpumap: KeyedMap,
  xskmap: HandleMap,
  sockhash: KeyedMap,
  cgroup_storage: TableMap,
  reuseport_sockarray: KeyedMap,
  percpu_cgroup_storage: PerCpuArrayMap,
  queue: QueueMap,
  stack: QueueMap,
  sk_storage: StorageMap,
  devmap_hash: KeyedMap,
  struct_ops: KeyedMap,
  ringbuf: RingMap,
  inode_storage: StorageMap,
  task_storage: StorageMap,
  bloom_filter: BloomFilterMap,
  user_ringbuf: RingMap,
  cgrp_storage: StorageMap,
  arena: ArenaMap,
  insn_array: TableMap,
  rhash: HashMap,
};

/** Returns the class for a type of map: `BaseMap` for a type that this library does not know. */
export function classOf(type: string): MapClass {
  return Object.hasOwn(CLASSES, type) ? CLASSES[type as MapType] : BaseMap;
}
