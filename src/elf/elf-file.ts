import { checkBytes, checkOurs, FormatError, OURS } from '../errors/index.ts';
import { RESERVED_SECTIONS, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
import { type ElfHeader, readHeader } from './header.ts';
import type { ElfLayout } from './layout.ts';
import { type ElfRelocation, readRelocations } from './relocations.ts';
import { type ElfSection, readSections } from './sections.ts';
import { type ElfSegment, readSegments } from './segments.ts';
import { type ElfSymbol, readSymbols } from './symbols.ts';

/** How to read an ELF file. */
export interface ElfParseOptions {
  /** The file the bytes came from, for errors. */
  readonly file?: string | undefined;
}

/**
 * An ELF file of either class and byte order. Parsing reads the section headers. Symbols, relocations and program
 * headers are read on first use. The bytes are used in place, so do not change them afterwards.
 */
export class ElfFile {
  readonly file: string | undefined;
  readonly littleEndian: boolean;
  /** Sizes and offsets of its class, 32 or 64 bits. */
  readonly layout: ElfLayout;
  /** `e_type`: 1 for a relocatable object. */
  readonly type: number;
  /** `e_machine`: 247 for BPF. */
  readonly machine: number;
  /** In file order; the first is the empty section 0. */
  readonly sections: readonly ElfSection[];
  #symbols: readonly ElfSymbol[] | undefined;
  #dynamicSymbols: readonly ElfSymbol[] | undefined;
  #segments: readonly ElfSegment[] | undefined;
  readonly #bytes: Uint8Array;
  readonly #header: ElfHeader;
  #tables: ReadonlyMap<number, readonly ElfSection[]> | undefined;
  readonly #relocations = new Map<ElfSection, readonly ElfRelocation[]>();

  private constructor(key: typeof OURS, bytes: Uint8Array, file: string | undefined) {
    checkOurs(key, 'ElfFile', 'ElfFile.parse');
    const header = readHeader(bytes, file);
    const { littleEndian, layout } = header;
    this.file = file;
    this.littleEndian = littleEndian;
    this.layout = layout;
    this.type = header.type;
    this.machine = header.machine;
    this.#bytes = bytes;
    this.#header = header;
    // Field by field, as in the header: spreading other objects into one takes V8 microseconds.
    this.sections = readSections(bytes, {
      start: header.sections.start,
      entrySize: header.sections.entrySize,
      count: header.sections.count,
      namesIndex: header.namesIndex,
      littleEndian,
      layout,
      file,
    });
  }

  /**
   * Parses an ELF file.
   *
   * @throws FormatError when it is not an ELF file, or its section headers do not fit it
   */
  static parse(bytes: Uint8Array, options: ElfParseOptions = {}): ElfFile {
    checkBytes('ElfFile.parse: bytes', bytes);
    // Not a Buffer: its slice() shares memory, so an edited spec would change the file.
    return new ElfFile(OURS, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), options.file);
  }

  /** Whether the file has a symbol table. A stripped file has none. */
  get hasSymbols(): boolean {
    return this.sections.some(({ type }) => type === SECTION_TYPE.symtab);
  }

  /**
   * The parts of the file that are mapped when it runs or is loaded (program headers of type PT_LOAD), in file order.
   *
   * @throws FormatError when the program headers do not fit the file
   */
  get segments(): readonly ElfSegment[] {
    this.#segments ??= readSegments(this.#bytes, this.#header.segments, this);
    return this.#segments;
  }

  /** The first section with this name. */
  section(name: string): ElfSection | undefined {
    for (const section of this.sections) if (section.name === name) return section;
    return undefined;
  }

  /**
   * The symbol table in file order. The first symbol is the empty symbol 0. Empty if there is no table.
   *
   * @throws FormatError when the table is malformed, or there is more than one
   */
  get symbols(): readonly ElfSymbol[] {
    this.#symbols ??= this.#readSymbols(SECTION_TYPE.symtab);
    return this.#symbols;
  }

  /**
   * The symbols that link programs and libraries when they start. Stripped files have them too.
   *
   * @throws FormatError when the table is malformed, or there is more than one
   */
  get dynamicSymbols(): readonly ElfSymbol[] {
    this.#dynamicSymbols ??= this.#readSymbols(SECTION_TYPE.dynsym);
    return this.#dynamicSymbols;
  }

  /** The section a symbol is defined in; `undefined` for undefined, absolute and common symbols. */
  sectionOf(symbol: ElfSymbol): ElfSection | undefined {
    const { sectionIndex } = symbol;
    if (sectionIndex === SECTION_INDEX.undefined || sectionIndex >= RESERVED_SECTIONS) return undefined;
    return this.sections[sectionIndex];
  }

  /**
   * The relocations of a section, in the order of their offsets.
   *
   * @throws FormatError when they are malformed or lie outside the section
   */
  relocations(section: ElfSection): readonly ElfRelocation[] {
    const known = this.#relocations.get(section);
    if (known !== undefined) return known;
    const all: ElfRelocation[] = [];
    for (const table of this.#tablesByTarget.get(section.index) ?? []) {
      for (const relocation of readRelocations(table, section, this.symbols, this)) all.push(relocation);
    }
    all.sort((a, b) => a.offset - b.offset);
    this.#relocations.set(section, all);
    return all;
  }

  /** Relocation tables by the section that they apply to. */
  get #tablesByTarget(): ReadonlyMap<number, readonly ElfSection[]> {
    if (this.#tables !== undefined) return this.#tables;
    const tables = new Map<number, ElfSection[]>();
    for (const table of this.sections) {
      if (table.type !== SECTION_TYPE.rel && table.type !== SECTION_TYPE.rela) continue;
      const known = tables.get(table.info);
      if (known === undefined) tables.set(table.info, [table]);
      else known.push(table);
    }
    this.#tables = tables;
    return tables;
  }

  #readSymbols(wanted: number): ElfSymbol[] {
    const tables = this.sections.filter(({ type }) => type === wanted);
    const table = tables[0];
    const second = tables[1];
    if (table === undefined) return [];
    if (second !== undefined) {
      throw new FormatError(`a second symbol table, section ${second.index}; the first is ${table.index}`, {
        file: this.file,
        section: second.name,
      });
    }
    return readSymbols(table, this);
  }
}
