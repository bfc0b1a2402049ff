import type { BtfComposite, BtfMember, BtfTypes } from '../../btf/index.ts';
import { BpfError, NotSupportedError } from '../../errors/index.ts';
import { findKernelType } from '../externs/kernel-types.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { MapSpec, StructOpsSpec } from '../spec/types.ts';

/** The kernel wraps each struct that programs can implement in one of this name. */
const WRAPPER = 'bpf_struct_ops_';

/** A member that a program implements. */
export interface ImplementedMember {
  readonly program: string;
  /** Index of the member in the kernel's struct. */
  readonly index: number;
  /** Where the program's descriptor goes in the map's value, in bytes. */
  readonly offset: number;
}

/** A struct_ops map in the layout of the running kernel. */
export interface StructOpsLayout {
  readonly map: MapSpec;
  /** Number of the kernel's wrapper type, and the module that has it. */
  readonly wrapperId: number;
  readonly module: string | undefined;
  /** Number of the kernel's struct. */
  readonly typeId: number;
  /** The map's value, in which the programs are still missing. */
  readonly value: Uint8Array;
  readonly members: readonly ImplementedMember[];
  readonly link: boolean;
}

interface KernelStruct {
  readonly types: BtfTypes;
  readonly struct: BtfComposite;
  readonly wrapperId: number;
  readonly wrapperSize: number;
  readonly dataOffset: number;
  readonly module: string | undefined;
}

function kernelStruct(map: MapSpec, { type }: StructOpsSpec): KernelStruct {
  const found = findKernelType(WRAPPER + type, 'struct');
  const wrapper = found?.types.byId(found.id);
  const data = wrapper?.kind === 'struct' ? wrapper.members.find(({ name }) => name === 'data') : undefined;
  const struct = data === undefined ? undefined : found?.types.resolve(data.type);
  if (found === undefined || data === undefined || wrapper?.kind !== 'struct' || struct?.kind !== 'struct') {
    throw new NotSupportedError(
      `Cannot create map "${map.name}" (struct_ops): this kernel does not let programs implement struct ${type}`,
      { feature: `struct_ops ${type}` },
    );
  }
  return {
    types: found.types,
    struct,
    wrapperId: found.id,
    wrapperSize: wrapper.size,
    dataOffset: data.bitOffset / 8,
    module: found.module,
  };
}

/** Puts an object's struct_ops map into the layout of the running kernel, member by member. @throws BpfError */
export function layOutStructOps(spec: CollectionSpec, map: MapSpec, ops: StructOpsSpec): StructOpsLayout {
  const kernel = kernelStruct(map, ops);
  const local = spec.btf?.resolve(ops.typeId);
  const { contents } = map;
  if (spec.btf === undefined || local?.kind !== 'struct' || contents === undefined) {
    throw new TypeError(`Cannot create map "${map.name}" (struct_ops): it has no struct and contents`);
  }
  const value = new Uint8Array(kernel.wrapperSize);
  const members: ImplementedMember[] = [];
  for (const member of local.members) {
    const [start, size] = [member.bitOffset >> 3, spec.btf.sizeOf(member.type)];
    const bytes = contents.subarray(start, start + size);
    const program = ops.programs.find(({ offset }) => offset === start)?.program;
    const index = kernel.struct.members.findIndex(({ name }) => name === member.name);
    const target = kernel.struct.members[index];
    if (target === undefined) {
      if (program === undefined && bytes.every((byte) => byte === 0)) continue;
      throw refusal(map, member, `the kernel's struct ${ops.type} has no such member, but it is set`);
    }
    const problem = difference(spec.btf, member, kernel.types, target);
    if (problem !== undefined) throw refusal(map, member, problem);
    const offset = kernel.dataOffset + (target.bitOffset >> 3);
    if (program !== undefined) members.push({ program, index, offset });
    else value.set(bytes, offset);
  }
  const { wrapperId, module, struct } = kernel;
  return { map, wrapperId, module, typeId: struct.id, value, members, link: ops.link };
}

/** Why a member cannot be copied into the kernel's; `undefined` if it can. */
function difference(
  local: BtfTypes,
  member: BtfMember,
  kernel: BtfTypes,
  target: BtfMember,
): string | undefined {
  if (member.bitSize > 0 || target.bitSize > 0) return 'bit fields cannot be copied';
  const [own, other] = [local.resolve(member.type), kernel.resolve(target.type)];
  if (own.kind !== other.kind) return `it is a ${own.kind}, but the kernel's is a ${other.kind}`;
  const [size, wanted] = [local.sizeOf(own.id), kernel.sizeOf(other.id)];
  return size === wanted ? undefined : `it has ${size} bytes, but the kernel's has ${wanted}`;
}

function refusal(map: MapSpec, { name }: BtfMember, problem: string): BpfError {
  return new BpfError(`Cannot create map "${map.name}" (struct_ops): member ${name}: ${problem}`, {
    code: 'ERR_BPF_STRUCT_OPS',
  });
}
