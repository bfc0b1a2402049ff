import { type MapType, mapTypes } from '../abi/index.ts';
import { kernelEnumHas } from '../sys/index.ts';

/** The first kernel of the types younger than the oldest kernel this library is tested on. */
const SINCE: Readonly<Partial<Record<MapType, string>>> = {
  cgrp_storage: '6.2',
  arena: '6.9',
  insn_array: '6.19',
  rhash: '7.2',
};

/** The version that brought a type, where this library knows it. */
export function mapTypeSince(type: MapType): string | undefined {
  return SINCE[type];
}

/**
 * Whether the running kernel is known not to have a map type: its BTF lists the types, and this one is not among them.
 * Also false if the kernel has no BTF to ask.
 */
export function kernelLacksMapType(type: MapType): boolean {
  return kernelEnumHas('bpf_map_type', mapTypes.number(type)) === false;
}
