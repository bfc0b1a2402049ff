import { Btf } from 'ebpf-ts';
import { BtfBuilder, type BtfMember, type BtfType, BtfTypes, codecOf, printTypesAsC } from 'ebpf-ts/btf';
import { ElfFile, type ElfSection } from 'ebpf-ts/elf';

/** Kinds of types are told apart by `kind`. */
export function membersOf(type: BtfType): readonly BtfMember[] {
  // @ts-expect-error: not every type has members
  type.members;
  return type.kind === 'struct' || type.kind === 'union' ? type.members : [];
}

export function btf(bytes: Uint8Array): string {
  const types = BtfTypes.parse(bytes);
  const task = types.byName('task_struct', 'struct');
  // @ts-expect-error: there may be no such type
  task.id;
  // @ts-expect-error: no such kind
  types.byName('task_struct', 'structure');
  const value: unknown = codecOf(types, task?.id ?? 0).decode(new DataView(bytes.buffer), 0);
  using loaded = Btf.load(new BtfBuilder());
  return [...printTypesAsC(types, { ids: [1] }), value, loaded.info().id].join('');
}

export function elf(bytes: Uint8Array): ElfSection | undefined {
  return ElfFile.parse(bytes).sections.find(({ name }) => name === '.text');
}
