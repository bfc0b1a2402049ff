import { ByteReader } from '../bytes/index.ts';
import type { FormatError } from '../errors/index.ts';
import { RESERVED_SECTIONS, SECTION_TYPE } from './constants.ts';
import type { ElfSection } from './sections.ts';
import type { ElfSource } from './source.ts';
import { StringTable } from './strings.ts';

/** What a symbol names. A number for a kind that this library has no word for. */
export type SymbolType = 'notype' | 'object' | 'function' | 'section' | 'file' | number;
export type SymbolBinding = 'local' | 'global' | 'weak' | number;
export type SymbolVisibility = 'default' | 'internal' | 'hidden' | 'protected';

/** An entry of the symbol table. */
export interface ElfSymbol {
  readonly index: number;
  readonly name: string;
  readonly type: SymbolType;
  readonly binding: SymbolBinding;
  readonly visibility: SymbolVisibility;
  /** Offset within its section; in programs and libraries, the address at run time. */
  readonly value: number;
  readonly size: number;
  /** Index of the section it is defined in. 0 if it is undefined; for 0xff00 and above see `SECTION_INDEX`. */
  readonly sectionIndex: number;
}

const TYPES: readonly SymbolType[] = ['notype', 'object', 'function', 'section', 'file'];
const BINDINGS: readonly SymbolBinding[] = ['local', 'global', 'weak'];
const VISIBILITIES: readonly SymbolVisibility[] = ['default', 'internal', 'hidden', 'protected'];

/** Checks that a table holds a whole number of entries of the right size. Returns how many. */
export function countEntries(
  table: ElfSection,
  size: number,
  error: (problem: string) => FormatError,
): number {
  if (table.entrySize !== size) throw error(`an entry has ${table.entrySize} bytes, expected ${size}`);
  if (table.data.length % size !== 0) {
    throw error(`${table.data.length} bytes are not a whole number of ${size}-byte entries`);
  }
  return table.data.length / size;
}

/** Reads a symbol table. */
export function readSymbols(table: ElfSection, elf: ElfSource): ElfSymbol[] {
  const { file, littleEndian, sections, layout } = elf;
  const wide = layout.bits === 64;
  const reader = new ByteReader(table.data, { littleEndian, file, section: table.name });
  const count = countEntries(table, layout.symbolSize, (problem) => reader.error(problem, 0));
  const names = sections[table.link];
  if (names === undefined || names.type !== SECTION_TYPE.strtab) {
    throw reader.error(`names are in section ${table.link}, which is not a string table`, 0);
  }
  const strings = new StringTable(names.data, names.name, file);
  const symbols: ElfSymbol[] = [];
  for (let index = 0; index < count; index++) {
    const start = reader.position;
    const nameOffset = reader.u32();
    // The order differs: value and size come last in 64-bit files.
    let value = wide ? 0 : reader.u32();
    let size = wide ? 0 : reader.u32();
    const info = reader.u8();
    const other = reader.u8();
    const sectionIndex = reader.u16();
    if (wide) {
      value = reader.size64();
      size = reader.size64();
    }
    if (sectionIndex < RESERVED_SECTIONS && sectionIndex >= sections.length) {
      throw reader.error(
        `symbol ${index} is in section ${sectionIndex} of ${sections.length}`,
        start + (wide ? 6 : 14),
      );
    }
    symbols.push({
      index,
      name: nameOffset === 0 ? '' : strings.at(nameOffset),
      type: TYPES[info & 0xf] ?? info & 0xf,
      binding: BINDINGS[info >> 4] ?? info >> 4,
      visibility: VISIBILITIES[other & 3] ?? 'default',
      value,
      size,
      sectionIndex,
    });
  }
  return symbols;
}
