import { mapCreateFlags } from '../../abi/index.ts';
import type { ElfSection } from '../../elf/index.ts';
import { type ObjectContext, placedVariables } from './context.ts';
import { newMapSpec } from './map-spec.ts';
import type { MapSpec, VariableSpec } from './types.ts';

/** The sections that become maps of one value: global variables live in them. */
export type DataSections = ReadonlySet<ElfSection>;

const DATA = /^\.(data|rodata|bss)(\..*)?$/;
const READ_ONLY = /^\.rodata(\..*)?$/;

/** The sections of an object that hold global variables. */
export function dataSections({ elf }: ObjectContext): DataSections {
  return new Set(
    elf.sections.filter(({ name, size, allocated }) => DATA.test(name) && allocated && size > 0),
  );
}

/** The map that holds a data section. */
export function dataMap(context: ObjectContext, section: ElfSection): MapSpec {
  const { btf } = context;
  const constant = READ_ONLY.test(section.name);
  const types = btf?.byName(section.name, 'datasec');
  // Memory is shared with user space where a variable is visible outside of its file.
  const shared = placedVariables(context, section).some(({ type }) => type.linkage !== 'static');
  const contents = new Uint8Array(section.size);
  contents.set(section.data);
  return newMapSpec({
    name: section.name,
    section: section.name,
    type: 'array',
    keySize: 4,
    valueSize: section.size,
    maxEntries: 1,
    flags: (constant ? mapCreateFlags.rdonly_prog : 0) | (shared ? mapCreateFlags.mmapable : 0),
    valueTypeId: types?.id ?? 0,
    contents,
    frozen: constant,
  });
}

/** The variables of a data section. */
export function dataVariables(context: ObjectContext, section: ElfSection): VariableSpec[] {
  return placedVariables(context, section).map(({ name, type, offset, size }) => ({
    name,
    map: section.name,
    offset,
    size,
    typeId: type.type,
    constant: READ_ONLY.test(section.name),
  }));
}
