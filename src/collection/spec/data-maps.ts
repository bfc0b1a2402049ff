import { type MapFlag, NO_FLAGS } from '../../abi/index.ts';
import type { ElfSection } from '../../elf/index.ts';
import { type ObjectContext, placedVariables, problemAt } from './context.ts';
import { newMapSpec } from './map-spec.ts';
import type { MapSpec, VariableSpec } from './types.ts';

/** The sections that hold global variables, each with the name of its map: a map of its own, or the arena. */
export type DataSections = ReadonlyMap<ElfSection, string>;

/** Where compilers put the variables of address space 1 (`__arena`). */
export const ARENA_DATA = '.addr_space.1';

const DATA: ReadonlySet<string> = new Set(['.data', '.rodata', '.bss']);
/** The kernel takes no larger values for arrays (kernel/bpf/arraymap.c, array_map_alloc_check). */
const LARGEST_VALUE = 0x7fffffff;

/** `.data` for `.data.mine`. */
function withoutSuffix(name: string): string {
  const end = name.indexOf('.', 1);
  return end === -1 ? name : name.slice(0, end);
}

/** Whether variables of a section are constants. */
export function isReadOnly(section: string): boolean {
  return withoutSuffix(section) === '.rodata';
}

/** The sections of an object that hold global variables, each a map of one value. */
export function dataSections({ elf }: ObjectContext): DataSections {
  const found = new Map<ElfSection, string>();
  for (const section of elf.sections) {
    const { name, size, allocated } = section;
    if (allocated && size > 0 && DATA.has(withoutSuffix(name))) found.set(section, name);
  }
  return found;
}

/**
 * Finds the section of the variables that live in an arena. Their first values become the contents of the object's
 * arena.
 *
 * @returns the section and the name of the arena; `undefined` without such variables
 * @throws FormatError when the object has no arena or more than one, or the variables are too large
 */
export function arenaData(
  { elf }: ObjectContext,
  maps: readonly MapSpec[],
): readonly [section: ElfSection, map: string] | undefined {
  const section = elf.section(ARENA_DATA);
  if (section === undefined || section.size === 0) return undefined;
  const arenas = maps.filter(({ type }) => type === 'arena');
  const [arena] = arenas;
  if (arena === undefined || arenas.length > 1) {
    throw problemAt(
      elf,
      section,
      undefined,
      `variables in an arena need one map of type arena, the object has ${arenas.length}`,
    );
  }
  if (section.size > LARGEST_VALUE) {
    throw problemAt(elf, section, undefined, `${section.size} bytes are more than an arena can hold`);
  }
  arena.contents = section.data.slice();
  if (section.data.length < section.size) zeroOnDemand(arena, section.size);
  return [section, arena.name];
}

function flagsOf(constant: boolean, shared: boolean): readonly MapFlag[] {
  if (constant) return shared ? ['rdonly_prog', 'mmapable'] : ['rdonly_prog'];
  return shared ? ['mmapable'] : NO_FLAGS;
}

/** The map that holds a data section. */
export function dataMap(context: ObjectContext, section: ElfSection): MapSpec {
  const constant = isReadOnly(section.name);
  // The memory is shared with user space if a variable is visible outside of its file.
  const shared = placedVariables(context, section).some(({ type }) => type.linkage !== 'static');
  if (section.size > LARGEST_VALUE) {
    throw problemAt(
      context.elf,
      section,
      undefined,
      `${section.size} bytes are more than a map's value can hold`,
    );
  }
  const spec = newMapSpec({
    name: section.name,
    section: section.name,
    type: 'array',
    keySize: 4,
    valueSize: section.size,
    maxEntries: 1,
    flags: flagsOf(constant, shared),
    valueTypeId: context.dataSections.get(section.name) ?? 0,
    contents: section.data.slice(),
    frozen: constant,
  });
  if (section.data.length < section.size) zeroOnDemand(spec, section.size);
  return spec;
}

/** Makes contents of zeros only when they are read: a file of a few bytes can claim gigabytes of them. */
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
export function dataVariables(context: ObjectContext, section: ElfSection, map: string): VariableSpec[] {
  return placedVariables(context, section).map(({ name, type, offset, size }) => ({
    name,
    map,
    offset,
    size,
    typeId: type.type,
    constant: isReadOnly(section.name),
  }));
}
