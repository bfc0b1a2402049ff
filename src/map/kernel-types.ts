import { type MapType, mapTypes } from '../abi/index.ts';
import { BpfError } from '../errors/index.ts';
import { kernelBtf, kernelEnumHas } from '../sys/index.ts';

/** The first kernel version with each type. Only types that are newer than the oldest tested kernel are listed. */
const SINCE: Readonly<Partial<Record<MapType, string>>> = {
  cgrp_storage: '6.2',
  arena: '6.9',
  insn_array: '6.19',
  rhash: '7.2',
};

/** The kernel version that added a type, if this library knows it. */
export function mapTypeSince(type: MapType): string | undefined {
  return SINCE[type];
}

/**
 * Whether the running kernel is known not to have a map type: its BTF lists the types, and this one is not among them.
 * False if the kernel has no BTF.
 */
export function kernelLacksMapType(type: MapType): boolean {
  return kernelEnumHas('bpf_map_type', mapTypes.number(type)) === false;
}

/**
 * Whether the running kernel is known not to have rings that overwrite unread records (the flag `rb_overwrite`). Flags
 * are in an enum without a name that other flags share, so the ring itself is asked. False if the kernel has no BTF.
 */
export function kernelLacksOverwriting(): boolean {
  try {
    const ring = kernelBtf().byName('bpf_ringbuf', 'struct');
    return ring !== undefined && !ring.members.some(({ name }) => name === 'overwrite_mode');
  } catch (error) {
    if (BpfError.is(error)) return false;
    throw error;
  }
}
