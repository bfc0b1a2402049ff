import { mapCreateFlags } from '../../abi/index.ts';
import type { ElfSection } from '../../elf/index.ts';
import { type ObjectContext, placedVariables, problemAt } from './context.ts';
import { newMapSpec } from './map-spec.ts';
import type { MapSpec, VariableSpec } from './types.ts';

/** The sections that become maps of one value: global variables live in them. */
export type DataSections = ReadonlySet<ElfSection>;

const DATA = /^\.(data|rodata|bss)(\..*)?$/;
/** The kernel takes no larger values for arrays (kernel/bpf/arraymap.c, array_map_alloc_check). */
const LARGEST_VALUE = 0x7fffffff;
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
  if (section.size > LARGEST_VALUE) {
    throw problemAt(
      context.elf,
      section,
      undefined,
      `${section.size} bytes are more than a map's value can have`,
    );
  }
  const spec = newMapSpec({
    name: section.name,
    section: section.name,
    type: 'array',
    keySize: 4,
    valueSize: section.size,
    maxEntries: 1,
    flags: (constant ? mapCreateFlags.rdonly_prog : 0) | (shared ? mapCreateFlags.mmapable : 0),
    valueTypeId: types?.id ?? 0,
    contents: section.data.slice(),
    frozen: constant,
  });
  if (section.data.length < section.size) zeroOnDemand(spec, section.size);
  return spec;
}

/** What is zero takes no memory until somebody looks: a file can claim gigabytes of it in a few bytes. */
function zeroOnDemand(spec: MapSpec, size: number): void {
  const settle = (value: Uint8Array | undefined): Uint8Array | undefined => {
    Object.defineProperty(spec, 'contents', { value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  Object.defineProperty(spec, 'contents', {
    get: () => settle(new Uint8Array(size)),
    set: settle,
    enumerable: true,
    configurable: true,
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
