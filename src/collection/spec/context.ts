import type { BtfDataSection, BtfTypes, BtfVariable } from '../../btf/index.ts';
import { ownIdsOfKind } from '../../btf/own-ids.ts';
import type { ElfFile, ElfSection, ElfSymbol } from '../../elf/index.ts';
import { FormatError } from '../../errors/index.ts';

/** What every part of reading an object file looks at. */
export interface ObjectContext {
  readonly elf: ElfFile;
  /** The object's own types; `undefined` for objects compiled without `-g`. */
  readonly btf: BtfTypes | undefined;
  /** The symbols of each section by its index, by ascending offset. */
  readonly symbols: ReadonlyMap<number, readonly ElfSymbol[]>;
  /** Numbers of the `datasec` types by their name. */
  readonly dataSections: ReadonlyMap<string, number>;
}

/** Puts together what the parts look at: all at once, as a file may have many sections. */
export function objectContext(elf: ElfFile, btf: BtfTypes | undefined): ObjectContext {
  return { elf, btf, symbols: symbolsBySection(elf), dataSections: dataSectionIds(btf) };
}

/** A variable of a data section: its type from BTF, its place from the symbol table. */
export interface PlacedVariable {
  readonly name: string;
  readonly type: BtfVariable;
  readonly offset: number;
  readonly size: number;
}

/** A FormatError about a place in a section. */
export function problemAt(
  elf: ElfFile,
  section: ElfSection | string,
  offset: number | undefined,
  problem: string,
): FormatError {
  const name = typeof section === 'string' ? section : section.name;
  return new FormatError(problem, { file: elf.file, section: name, offset });
}

function symbolsBySection(elf: ElfFile): ReadonlyMap<number, readonly ElfSymbol[]> {
  const found = new Map<number, ElfSymbol[]>();
  for (const symbol of elf.symbols) {
    const symbols = found.get(symbol.sectionIndex);
    if (symbols === undefined) found.set(symbol.sectionIndex, [symbol]);
    else symbols.push(symbol);
  }
  for (const symbols of found.values()) if (symbols.length > 1) symbols.sort((a, b) => a.value - b.value);
  return found;
}

function dataSectionIds(btf: BtfTypes | undefined): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (btf === undefined) return found;
  for (const id of ownIdsOfKind(btf, 'datasec')) {
    const name = btf.nameOf(id);
    if (!found.has(name)) found.set(name, id);
  }
  return found;
}

/** The `datasec` type of this name: what BTF says of a section. @throws FormatError when it is malformed */
export function dataSectionType(
  { btf, dataSections }: ObjectContext,
  name: string,
): BtfDataSection | undefined {
  const id = dataSections.get(name);
  return id === undefined ? undefined : (btf?.byId(id) as BtfDataSection | undefined);
}

/** The symbols defined in a section, by ascending offset. */
export function symbolsIn({ symbols }: ObjectContext, section: ElfSection): readonly ElfSymbol[] {
  return symbols.get(section.index) ?? [];
}

/** The variables of a section that BTF describes, by ascending offset. */
export function placedVariables(context: ObjectContext, section: ElfSection): PlacedVariable[] {
  const { elf, btf } = context;
  const types = dataSectionType(context, section.name);
  if (btf === undefined || types === undefined) return [];
  // Compilers leave offsets out of BTF: the linker's business, and the symbol table has them.
  const symbols = new Map<string, ElfSymbol>();
  for (const symbol of symbolsIn(context, section)) {
    if (symbol.type === 'object' || symbol.type === 'notype') symbols.set(symbol.name, symbol);
  }
  const placed: PlacedVariable[] = [];
  for (const entry of types.variables) {
    const type = btf.byId(entry.type);
    if (type.kind !== 'var') continue;
    const symbol = symbols.get(type.name);
    if (symbol === undefined) continue;
    const size = symbol.size === 0 ? entry.size : symbol.size;
    if (symbol.value + size > section.size) {
      throw problemAt(
        elf,
        section,
        symbol.value,
        `variable "${type.name}" has ${size} bytes, the section ends at ${section.size}`,
      );
    }
    placed.push({ name: type.name, type, offset: symbol.value, size });
  }
  return placed.sort((a, b) => a.offset - b.offset);
}
