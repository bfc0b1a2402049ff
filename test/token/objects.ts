import {
  type MapCreateAttr,
  type MapType,
  mapTypes,
  type ProgLoadAttr,
  type ProgramType,
  programTypes,
} from '../../src/abi/index.ts';

/** Attributes for a map of a type. They pass the checks that come before those of permissions. */
export function mapAttr(type: MapType): MapCreateAttr {
  const base: MapCreateAttr = { map_type: mapTypes.number(type), key_size: 4, value_size: 4, max_entries: 1 };
  const BPF_F_NO_PREALLOC = 1;
  const BPF_F_MMAPABLE = 1 << 10;
  switch (type) {
    case 'stack_trace':
    case 'insn_array':
      return { ...base, value_size: type === 'stack_trace' ? 8 : 16 };
    case 'lpm_trie':
      return { ...base, key_size: 8, map_flags: BPF_F_NO_PREALLOC };
    case 'rhash':
      return { ...base, map_flags: BPF_F_NO_PREALLOC };
    case 'cgroup_storage':
    case 'percpu_cgroup_storage':
      return { ...base, key_size: 8, max_entries: 0 };
    case 'queue':
    case 'stack':
    case 'bloom_filter':
      return { ...base, key_size: 0 };
    case 'ringbuf':
    case 'user_ringbuf':
      return { ...base, key_size: 0, value_size: 0, max_entries: 65536 };
    case 'arena':
      return { ...base, key_size: 0, value_size: 0, map_flags: BPF_F_MMAPABLE };
    case 'sk_storage':
    case 'inode_storage':
    case 'task_storage':
    case 'cgrp_storage':
      // The kernel looks up the types, and does not find them, after it has checked the permissions.
      return {
        ...base,
        max_entries: 0,
        map_flags: BPF_F_NO_PREALLOC,
        btf_key_type_id: 1,
        btf_value_type_id: 1,
      };
    case 'struct_ops':
      return { ...base, btf_vmlinux_value_type_id: 1 };
    default:
      return base;
  }
}

/** `r0 = 0; exit` */
const RETURN_0 = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
export const GPL: Uint8Array = new TextEncoder().encode('GPL\0');

/** Attributes of the smallest program, of any type. */
export function programAttr(type: ProgramType, more: ProgLoadAttr = {}): ProgLoadAttr {
  return { prog_type: programTypes.number(type), insns: RETURN_0, insn_cnt: 2, license: GPL, ...more };
}

/** BTF with one type: `int`. */
export const BTF_INT: Uint8Array = (() => {
  const view = new DataView(new ArrayBuffer(24 + 16 + 5));
  const words = [0x0001eb9f, 24, 0, 16, 16, 5, 1, 0x0100_0000, 4, 0x0100_0020];
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
  new Uint8Array(view.buffer).set(new TextEncoder().encode('\0int'), 40);
  return new Uint8Array(view.buffer);
})();
