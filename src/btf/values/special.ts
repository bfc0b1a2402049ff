import type { Codec } from '../../bytes/codec/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import type { BtfType } from '../types.ts';

/**
 * Structs in map values that the kernel keeps to itself: it neither shows their content to user space nor accepts it
 * from there (Linux kernel, kernel/bpf/btf.c, btf_get_field_type; include/linux/bpf.h, copy_map_value).
 */
const SPECIAL_STRUCTS: ReadonlySet<string> = new Set([
  'bpf_spin_lock',
  'bpf_res_spin_lock',
  'bpf_timer',
  'bpf_wq',
  'bpf_task_work',
  'bpf_list_head',
  'bpf_list_node',
  'bpf_rb_root',
  'bpf_rb_node',
  'bpf_refcount',
]);

/** Tags of pointers that only the kernel sets. User space sets a `uptr`, so it is not in this list. */
const KERNEL_POINTER_TAGS: ReadonlySet<string> = new Set(['kptr', 'kptr_untrusted', 'percpu_kptr']);

/** Whether the kernel keeps values of this type, which is not a typedef or qualifier, to itself. */
export function isSpecial(types: BtfTypes, type: BtfType): boolean {
  if (type.kind === 'struct') return SPECIAL_STRUCTS.has(type.name);
  if (type.kind !== 'ptr' || types.kindOf(type.type) !== 'type_tag') return false;
  return KERNEL_POINTER_TAGS.has(types.nameOf(type.type));
}

/** Bytes that are neither read nor written. */
export function untouched(name: string, size: number, align: number): Codec<undefined> {
  return { name, size, align, encode(): void {}, decode: () => undefined };
}
