import type { BtfDataSection, BtfTypes, BtfVariable } from '../../btf/index.ts';
import { ownIdsOfKind } from '../../btf/own-ids.ts';
import { ByteReader } from '../../bytes/index.ts';
import type { ElfFile, ElfRelocation, ElfSection, ElfSymbol } from '../../elf/index.ts';
import { FormatError } from '../../errors/index.ts';
import { uniqueNames } from './unique-names.ts';

/** What all parts of the reader need of an object file. */
export interface ObjectContext {
  readonly elf: ElfFile;
  /** The object's own types; `undefined` for objects compiled without `-g`. */
  readonly btf: BtfTypes | undefined;
  /** The symbols of each section, by the section's index. They are sorted by offset. */
  readonly symbols: ReadonlyMap<number, readonly ElfSymbol[]>;
  /** Type numbers of the `datasec` types, by name. */
  readonly dataSections: ReadonlyMap<string, number>;
  /** New names for the symbols that share their name with another. */
  readonly names: ReadonlyMap<ElfSymbol, string>;
}

/** Sorts symbols and types by section once for all parts, because a file may have many sections. */
export function objectContext(elf: ElfFile, btf: BtfTypes | undefined): ObjectContext {
  return {
    elf,
    btf,
    symbols: symbolsBySection(elf),
    dataSections: dataSectionIds(btf),
    names: uniqueNames(elf),
  };
}

/** The name of a symbol, unique in the object. */
export function nameOf({ names }: ObjectContext, symbol: ElfSymbol): string {
  return names.get(symbol) ?? symbol.name;
}

/** The symbol that a relocated place in data points to. */
export function pointee(
  context: ObjectContext,
  section: ElfSection,
  { offset, symbol, addend }: ElfRelocation,
): ElfSymbol {
  const target = context.elf.sectionOf(symbol);
  // A relocation refers to a static symbol by its section. The offset in that section is stored at the place itself.
  if (symbol.type !== 'section' || target === undefined || offset + 8 > section.data.length) return symbol;
  const reader = new ByteReader(section.data, { littleEndian: context.elf.littleEndian });
  const at = BigInt.asUintN(64, addend ?? reader.seek(offset).i64()) + BigInt(symbol.value);
  return symbolAt(symbolsIn(context, target), Number(at)) ?? symbol;
}

/** The first named symbol at an offset. @param symbols - those of one section, sorted by offset */
function symbolAt(symbols: readonly ElfSymbol[], offset: number): ElfSymbol | undefined {
  let [from, to] = [0, symbols.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((symbols[middle]?.value ?? 0) < offset) from = middle + 1;
    else to = middle;
  }
  for (let symbol = symbols[from]; symbol?.value === offset; symbol = symbols[++from]) {
    if (symbol.type !== 'section' && symbol.name !== '') return symbol;
  }
  return undefined;
}

/** A variable of a data section: its type from BTF, its place from the symbol table. */
export interface PlacedVariable {
  /** Unique in the object. */
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

/** The `datasec` type of this name: what BTF says about a section. @throws FormatError when it is malformed */
export function dataSectionType(
  { btf, dataSections }: ObjectContext,
  name: string,
): BtfDataSection | undefined {
  const id = dataSections.get(name);
  return id === undefined ? undefined : (btf?.byId(id) as BtfDataSection | undefined);
}

/** The symbols defined in a section, sorted by offset. */
export function symbolsIn({ symbols }: ObjectContext, section: ElfSection): readonly ElfSymbol[] {
  return symbols.get(section.index) ?? [];
}

/**
 * The variables of a section that BTF describes, sorted by offset. Without static variables that have no symbol.
 *
 * @throws FormatError for a variable that reaches beyond the section, or whose place no symbol says
 */
export function placedVariables(context: ObjectContext, section: ElfSection): PlacedVariable[] {
  const { elf, btf } = context;
  const types = dataSectionType(context, section.name);
  if (btf === undefined || types === undefined) return [];
  const symbols = new Map<string, ElfSymbol>();
  // Static variables of several files may share a name. These are here by their offsets.
  const shared = new Map<string, Map<number, ElfSymbol>>();
  for (const symbol of symbolsIn(context, section)) {
    const { name } = symbol;
    if (symbol.type !== 'object' && symbol.type !== 'notype') continue;
    const before = context.names.size === 0 ? undefined : symbols.get(name);
    if (before !== undefined) {
      const known = shared.get(name) ?? new Map([[before.value, before]]);
      shared.set(name, known.set(symbol.value, symbol));
    } else symbols.set(name, symbol);
  }
  const placed: PlacedVariable[] = [];
  for (const entry of types.variables) {
    const type = btf.byId(entry.type);
    if (type.kind !== 'var') continue;
    // Compilers leave the offsets in BTF to the linker, so they come from the symbol table. Linkers put them into BTF.
    const places = shared.get(type.name);
    const symbol = places === undefined ? symbols.get(type.name) : places.get(entry.offset);
    if (symbol === undefined) {
      if (type.linkage !== 'global' && places === undefined) continue;
      const problem = places === undefined ? 'no symbol' : 'none of the symbols of its name';
      throw problemAt(elf, section, undefined, `variable "${type.name}": ${problem} says where it is`);
    }
    const size = symbol.size === 0 ? entry.size : symbol.size;
    if (symbol.value + size > section.size) {
      throw problemAt(
        elf,
        section,
        symbol.value,
        `variable "${type.name}" has ${size} bytes, the section ends at ${section.size}`,
      );
    }
    placed.push({ name: nameOf(context, symbol), type, offset: symbol.value, size });
  }
  return placed.sort((a, b) => a.offset - b.offset);
}
