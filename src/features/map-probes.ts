import { type MapCreateAttr, type MapType, mapCreateFlags } from '../abi/index.ts';
import { NO_FD } from '../sys/index.ts';

/** How to find out about one map type. */
export interface MapProbe {
  /** Attributes with which the kernel creates the smallest map of the type, or fails with {@link late}. */
  readonly attr: MapCreateAttr;
  /** The error of a kernel that knows the type, if making a map would need another object first. */
  readonly late?: string;
  /**
   * Functions that together prove the type if BTF has them. They are compiled under the conditions of the kernel's
   * include/linux/bpf_types.h. Absent if BTF cannot show it.
   */
  readonly functions?: readonly string[];
}

/** A multiple of the page size of every CPU. */
const PAGES = 65_536;

const small = { key_size: 4, value_size: 4, max_entries: 1 } as const;
const entries8 = { ...small, value_size: 8 } as const;
const keyless = { value_size: 4, max_entries: 1 } as const;
const ring = { max_entries: PAGES } as const;
/**
 * A storage map with a value that is too large, which is the last thing that the kernel checks before it allocates. To
 * make a real one would need BTF, and the kernel takes about 30 ms to free it.
 */
const storage = {
  key_size: 4,
  value_size: 0x4000_0000,
  map_flags: mapCreateFlags.no_prealloc,
  btf_key_type_id: 1,
  btf_value_type_id: 1,
} as const;
/** The key is struct bpf_cgroup_storage_key: an inode number and an attach type. */
const cgroupStorage = { key_size: 16, value_size: 8 } as const;

const probes: { readonly [type in Exclude<MapType, 'unspec'>]: MapProbe } = {
  hash: { attr: small, functions: ['htab_map_alloc'] },
  array: { attr: small, functions: ['array_map_alloc'] },
  prog_array: { attr: small, functions: ['prog_array_map_alloc'] },
  perf_event_array: { attr: small, functions: ['perf_event_fd_array_get_ptr'] },
  percpu_hash: { attr: small, functions: ['htab_percpu_map_lookup_elem'] },
  percpu_array: { attr: small, functions: ['percpu_array_map_lookup_elem'] },
  stack_trace: { attr: entries8, functions: ['stack_map_alloc'] },
  cgroup_array: { attr: small, functions: ['cgroup_fd_array_get_ptr'] },
  lru_hash: { attr: small, functions: ['htab_lru_map_lookup_elem'] },
  lru_percpu_hash: { attr: small, functions: ['htab_lru_percpu_map_lookup_elem'] },
  lpm_trie: {
    attr: { ...entries8, key_size: 8, map_flags: mapCreateFlags.no_prealloc },
    functions: ['trie_alloc'],
  },
  array_of_maps: {
    // The kernel looks at the descriptor after it has accepted the map type.
    attr: { ...small, inner_map_fd: NO_FD },
    late: 'EBADF',
    functions: ['array_of_map_alloc'],
  },
  hash_of_maps: { attr: { ...small, inner_map_fd: NO_FD }, late: 'EBADF', functions: ['htab_of_map_alloc'] },
  devmap: { attr: small, functions: ['dev_map_alloc'] },
  sockmap: { attr: small, functions: ['sock_map_alloc'] },
  cpumap: { attr: small, functions: ['cpu_map_alloc'] },
  xskmap: { attr: small, functions: ['xsk_map_alloc'] },
  sockhash: { attr: small, functions: ['sock_hash_alloc'] },
  // Compiled only with CONFIG_CGROUP_BPF, like the verifier's part for cgroup devices.
  cgroup_storage: {
    attr: cgroupStorage,
    functions: ['cgroup_storage_lookup_elem', 'cgroup_dev_is_valid_access'],
  },
  reuseport_sockarray: { attr: small, functions: ['reuseport_array_alloc'] },
  percpu_cgroup_storage: {
    attr: cgroupStorage,
    functions: ['cgroup_storage_lookup_elem', 'cgroup_dev_is_valid_access'],
  },
  queue: { attr: keyless, functions: ['queue_map_peek_elem'] },
  stack: { attr: keyless, functions: ['stack_map_peek_elem'] },
  sk_storage: { attr: storage, late: 'E2BIG', functions: ['bpf_sk_storage_map_alloc'] },
  devmap_hash: { attr: small, functions: ['dev_map_hash_lookup_elem'] },
  // The kernel looks up the value's type and finds that it is not a struct_ops.
  struct_ops: {
    attr: { ...small, btf_vmlinux_value_type_id: 1 },
    late: 'ENOTSUPP',
    functions: ['bpf_struct_ops_map_alloc'],
  },
  ringbuf: { attr: ring, functions: ['ringbuf_map_alloc'] },
  inode_storage: { attr: storage, late: 'E2BIG', functions: ['inode_storage_map_alloc'] },
  task_storage: { attr: storage, late: 'E2BIG', functions: ['task_storage_map_alloc'] },
  bloom_filter: { attr: keyless, functions: ['bloom_map_alloc'] },
  user_ringbuf: { attr: ring, functions: ['ringbuf_map_mmap_user'] },
  cgrp_storage: { attr: storage, late: 'E2BIG', functions: ['cgroup_storage_ptr'] },
  // Always compiled in, but refused if the kernel has no JIT compiler, or if this CPU's JIT compiler lacks support.
  arena: {
    attr: { max_entries: 1, map_flags: mapCreateFlags.mmapable },
    ...(process.arch === 'x64' ? { functions: ['arena_map_alloc', 'bpf_trampoline_link_prog'] } : {}),
  },
  // The value is struct bpf_insn_array_value.
  insn_array: { attr: { key_size: 4, value_size: 16, max_entries: 1 }, functions: ['insn_array_alloc'] },
  rhash: { attr: { ...small, map_flags: mapCreateFlags.no_prealloc }, functions: ['rhtab_map_alloc'] },
};

export const mapProbes: { readonly [type in MapType]: MapProbe } = { unspec: { attr: small }, ...probes };
