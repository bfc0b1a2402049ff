import { ByteReader } from '../bytes/index.ts';
import { checkBytes, FormatError } from '../errors/index.ts';
import {
  ELF_MAGIC,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFDATA2MSB,
  HEADER_SIZE,
  RESERVED_SECTIONS,
  SECTION_INDEX,
  SECTION_TYPE,
} from './constants.ts';
import { type ElfRelocation, readRelocations } from './relocations.ts';
import { type ElfSection, readSections } from './sections.ts';
import { type ElfSymbol, readSymbols } from './symbols.ts';

/** How to read an ELF file. */
export interface ElfParseOptions {
  /** The file the bytes came from, for errors. */
  readonly file?: string | undefined;
}

/**
 * A 64-bit ELF file of either byte order. Parsing reads the section headers; symbols and relocations are read when they
 * are asked for. The bytes are used in place: they must not change afterwards.
 */
export class ElfFile {
  readonly file: string | undefined;
  readonly littleEndian: boolean;
  /** `e_type`: 1 for a relocatable object. */
  readonly type: number;
  /** `e_machine`: 247 for BPF. */
  readonly machine: number;
  /** In file order; the first is the empty section 0. */
  readonly sections: readonly ElfSection[];
  #symbols: readonly ElfSymbol[] | undefined;
  #dynamicSymbols: readonly ElfSymbol[] | undefined;
  #tables: ReadonlyMap<number, readonly ElfSection[]> | undefined;
  readonly #relocations = new Map<ElfSection, readonly ElfRelocation[]>();

  private constructor(bytes: Uint8Array, file: string | undefined) {
    this.file = file;
    this.littleEndian = readIdentification(bytes, file);
    const header = new ByteReader(bytes, { littleEndian: this.littleEndian, file, section: 'ELF header' });
    this.type = header.seek(16).u16();
    this.machine = header.u16();
    const start = header.seek(40).size64();
    const size = header.seek(52).u16();
    if (size !== HEADER_SIZE) throw header.error(`header size is ${size}, expected ${HEADER_SIZE}`, 52);
    header.seek(58);
    this.sections = readSections(bytes, {
      start,
      entrySize: header.u16(),
      count: header.u16(),
      namesIndex: header.u16(),
      littleEndian: this.littleEndian,
      file,
    });
  }

  /**
   * Parses an ELF file.
   *
   * @throws FormatError when it is not a 64-bit ELF file, or its section headers do not fit it
   */
  static parse(bytes: Uint8Array, options: ElfParseOptions = {}): ElfFile {
    checkBytes('ElfFile.parse: bytes', bytes);
    // Not a Buffer: its slice() shares memory, which would let an edited spec change the file.
    return new ElfFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), options.file);
  }

  /** The first section with this name. */
  section(name: string): ElfSection | undefined {
    for (const section of this.sections) if (section.name === name) return section;
    return undefined;
  }

  /**
   * The symbol table in file order; the first is the empty symbol 0. Empty when there is no table.
   *
   * @throws FormatError when the table is malformed, or there is more than one
   */
  get symbols(): readonly ElfSymbol[] {
    this.#symbols ??= this.#readSymbols(SECTION_TYPE.symtab);
    return this.#symbols;
  }

  /**
   * The symbols that programs and libraries are linked by when they start; stripped files have them too.
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
   * The relocations that apply to a section, in the order of their offsets.
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

/** Reads the first 16 bytes; whether the file is little-endian. */
function readIdentification(bytes: Uint8Array, file: string | undefined): boolean {
  const reader = new ByteReader(bytes, { littleEndian: false, file, section: 'ELF header' });
  const magic = reader.u32();
  if (magic !== ELF_MAGIC) {
    const found = magic.toString(16).padStart(8, '0');
    throw reader.error(`it is no ELF file: magic is 0x${found}, expected 0x7f454c46`, 0);
  }
  const elfClass = reader.u8();
  if (elfClass !== ELFCLASS64) throw reader.error(`class is ${elfClass}, expected 2 (64-bit)`, 4);
  const order = reader.u8();
  if (order !== ELFDATA2LSB && order !== ELFDATA2MSB) {
    throw reader.error(`byte order is ${order}, expected 1 (little) or 2 (big)`, 5);
  }
  const version = reader.u8();
  if (version !== 1) throw reader.error(`version is ${version}, expected 1`, 6);
  return order === ELFDATA2LSB;
}
