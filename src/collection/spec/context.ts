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

/** The symbols defined in a section, by ascending offset. */
export function symbolsIn(elf: ElfFile, section: ElfSection): ElfSymbol[] {
  return elf.symbols
    .filter((symbol) => symbol.sectionIndex === section.index)
    .sort((a, b) => a.value - b.value);
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
