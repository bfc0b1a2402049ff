import type { BtfType, BtfTypes, BtfVariable } from '../../btf/index.ts';
import { dataSectionType, type ObjectContext, problemAt } from './context.ts';
import { newMapSpec } from './map-spec.ts';
import type { ExternSpec, MapSpec } from './types.ts';

/** The map that holds values of the kernel's configuration. */
export const KCONFIG = '.kconfig';
const KSYMS = '.ksyms';
/** In bytes: far more than the whole configuration of a kernel. */
const LARGEST_KCONFIG = 1 << 20;

/** Alignment of a configuration value, which is an integer, an enum, a pointer or an array of these. */
function alignmentOf(btf: BtfTypes, typeId: number): number {
  const type = btf.resolve(typeId);
  if (type.kind === 'array') return alignmentOf(btf, type.type);
  return Math.min(Math.max(btf.sizeOf(type.id), 1), 8);
}

/** The types that BTF lists for a section. */
function entriesOf(context: ObjectContext, btf: BtfTypes, section: string): BtfType[] {
  return dataSectionType(context, section)?.variables.map(({ type }) => btf.byId(type)) ?? [];
}

/** Places the configuration values in their map, the largest alignment first, so that no space is lost. */
function layOutKconfig(
  btf: BtfTypes,
  variables: readonly BtfVariable[],
): { variable: BtfVariable; offset: number; size: number }[] {
  let end = 0;
  return variables
    .map((variable) => ({
      variable,
      size: btf.sizeOf(variable.type),
      alignment: alignmentOf(btf, variable.type),
    }))
    .sort(
      (a, b) => b.alignment - a.alignment || b.size - a.size || (a.variable.name < b.variable.name ? -1 : 1),
    )
    .map(({ variable, size, alignment }) => {
      const offset = Math.ceil(end / alignment) * alignment;
      end = offset + size;
      return { variable, offset, size };
    });
}

/**
 * What an object expects the kernel to provide, except symbols that BTF does not describe.
 *
 * @throws FormatError for a configuration value that is not a variable, or whose type has no size
 */
export function readExterns(context: ObjectContext): ExternSpec[] {
  const { elf, btf, dataSections } = context;
  if (btf === undefined || !(dataSections.has(KCONFIG) || dataSections.has(KSYMS))) return [];
  const undefinedSymbols = new Map(
    elf.symbols
      .filter(({ sectionIndex, name }) => sectionIndex === 0 && name !== '')
      .map((symbol) => [symbol.name, symbol]),
  );
  const externs: ExternSpec[] = [];
  const kconfig: BtfVariable[] = [];
  const add = (name: string, kind: ExternSpec['kind'], typeId: number, offset = 0, size = 0): void => {
    const symbol = undefinedSymbols.get(name);
    if (symbol !== undefined)
      externs.push({ name, kind, typeId, weak: symbol.binding === 'weak', offset, size });
  };
  for (const type of entriesOf(context, btf, KCONFIG)) {
    if (type.kind !== 'var')
      throw problemAt(elf, KCONFIG, undefined, `type ${type.id} is a ${type.kind}, expected a variable`);
    kconfig.push(type);
  }
  for (const { variable, offset, size } of layOutKconfig(btf, kconfig)) {
    add(variable.name, 'kconfig', variable.type, offset, size);
  }
  // Sorted by name, as in libbpf: calls of missing functions contain the index, and so programs get the same tag.
  for (const type of entriesOf(context, btf, KSYMS).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (type.kind === 'var') add(type.name, 'variable', type.type);
    else if (type.kind === 'func') add(type.name, 'function', type.type);
  }
  return externs;
}

/** The map that holds the configuration values; `undefined` if there are none. */
export function kconfigMap(context: ObjectContext, externs: readonly ExternSpec[]): MapSpec | undefined {
  if (externs.length === 0) return undefined;
  const values = externs.filter(({ kind }) => kind === 'kconfig');
  if (values.length === 0) return undefined;
  const size = Math.max(...values.map((value) => value.offset + value.size));
  if (size > LARGEST_KCONFIG) {
    throw problemAt(
      context.elf,
      KCONFIG,
      undefined,
      `a kernel configuration value cannot have ${size} bytes`,
    );
  }
  return newMapSpec({
    name: KCONFIG,
    section: KCONFIG,
    type: 'array',
    keySize: 4,
    valueSize: size,
    maxEntries: 1,
    flags: ['rdonly_prog', 'mmapable'],
    valueTypeId: context.dataSections.get(KCONFIG) ?? 0,
    contents: new Uint8Array(size),
    frozen: true,
  });
}
