import type { BtfTypes, BtfVariable } from '../../btf/index.ts';
import type { ElfFile, ElfSection, ElfSymbol } from '../../elf/index.ts';
import { FormatError } from '../../errors/index.ts';

/** What every part of reading an object file looks at. */
export interface ObjectContext {
  readonly elf: ElfFile;
  /** The object's own types; `undefined` for objects compiled without `-g`. */
  readonly btf: BtfTypes | undefined;
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

const known = new WeakMap<ElfFile, ReadonlyMap<number, readonly ElfSymbol[]>>();

/** The symbols of each section, by ascending offset: all at once, as a file may have many sections. */
function symbolsBySection(elf: ElfFile): ReadonlyMap<number, readonly ElfSymbol[]> {
  const before = known.get(elf);
  if (before !== undefined) return before;
  const found = new Map<number, ElfSymbol[]>();
  for (const symbol of elf.symbols) {
    const symbols = found.get(symbol.sectionIndex);
    if (symbols === undefined) found.set(symbol.sectionIndex, [symbol]);
    else symbols.push(symbol);
  }
  for (const symbols of found.values()) symbols.sort((a, b) => a.value - b.value);
  known.set(elf, found);
  return found;
}

/** The symbols defined in a section, by ascending offset. */
export function symbolsIn(elf: ElfFile, section: ElfSection): readonly ElfSymbol[] {
  return symbolsBySection(elf).get(section.index) ?? [];
}

/** The variables of a section that BTF describes, by ascending offset. */
export function placedVariables({ elf, btf }: ObjectContext, section: ElfSection): PlacedVariable[] {
  const types = btf?.byName(section.name, 'datasec');
  if (btf === undefined || types === undefined) return [];
  // Compilers leave offsets out of BTF: the linker's business, and the symbol table has them.
  const symbols = new Map(
    symbolsIn(elf, section)
      .filter(({ type }) => type === 'object' || type === 'notype')
      .map((symbol) => [symbol.name, symbol]),
  );
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
