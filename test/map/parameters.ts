import type { MapType } from '../../src/abi/index.ts';
import { bytes, type Codec, i32, u32, u64 } from '../../src/bytes/codec/index.ts';
import type { MapOptions } from '../../src/map/index.ts';

/** The options to create a map of some type. */
export type Options = Omit<MapOptions<MapType, unknown, unknown>, 'type'> & {
  readonly inner?: MapOptions<'array', number, bigint>;
};

const inner: MapOptions<'array', number, bigint> = { type: 'array', key: u32, value: u64, maxEntries: 1 };
const keyed = { key: u32, value: u32, maxEntries: 4 };
const storage = { key: i32, value: u64 };
const cgroupKey = bytes(16) as Codec<unknown>;

/** The options that each type needs. */
export const PARAMETERS: Readonly<Record<Exclude<MapType, 'unspec'>, Options>> = {
  hash: keyed,
  array: keyed,
  prog_array: keyed,
  perf_event_array: keyed,
  percpu_hash: keyed,
  percpu_array: keyed,
  stack_trace: { key: u32, value: bytes(8 * 16), maxEntries: 4 },
  cgroup_array: keyed,
  lru_hash: keyed,
  lru_percpu_hash: keyed,
  lpm_trie: { key: bytes(8), value: u32, maxEntries: 4 },
  array_of_maps: { key: u32, maxEntries: 4, inner },
  hash_of_maps: { key: u32, maxEntries: 4, inner },
  devmap: keyed,
  sockmap: keyed,
  cpumap: { ...keyed, maxEntries: 1 },
  xskmap: keyed,
  sockhash: keyed,
  cgroup_storage: { key: cgroupKey, value: u64 },
  reuseport_sockarray: keyed,
  percpu_cgroup_storage: { key: cgroupKey, value: u64 },
  queue: { value: u32, maxEntries: 4 },
  stack: { value: u32, maxEntries: 4 },
  sk_storage: storage,
  devmap_hash: keyed,
  struct_ops: { key: u32, value: bytes(8), maxEntries: 1 },
  ringbuf: { maxEntries: 4096 },
  inode_storage: storage,
  task_storage: storage,
  bloom_filter: { value: u32, maxEntries: 4, extra: 3 },
  user_ringbuf: { maxEntries: 4096 },
  cgrp_storage: storage,
  arena: { maxEntries: 1 },
  insn_array: { key: u32, value: bytes(16), maxEntries: 4 },
  rhash: keyed,
};
