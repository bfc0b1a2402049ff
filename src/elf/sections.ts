import { ByteReader } from '../bytes/index.ts';
import { FormatError } from '../errors/index.ts';
import { SECTION_FLAG, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
import type { HeaderTable } from './header.ts';
import type { ElfLayout } from './layout.ts';
import { StringTable } from './strings.ts';

/** A section: part of the file, or memory that is zero at first (`.bss`). */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  /** `sh_type`, see `SECTION_TYPE`. */
  readonly type: number;
  /** Whether it holds instructions. */
  readonly executable: boolean;
  /** Whether it is writable at run time. */
  readonly writable: boolean;
  /** Whether it takes memory at run time. */
  readonly allocated: boolean;
  /** Where it is in memory at run time, in programs and libraries. 0 in objects. */
  readonly address: number;
  /** Where it is in the file. */
  readonly offset: number;
  /** Bytes it takes in memory. */
  readonly size: number;
  /** Its bytes in the file, not copied. Empty if it takes none there (`.bss`). */
  readonly data: Uint8Array;
  readonly alignment: number;
  /** Index of a related section. For a symbol table: the section of its strings. */
  readonly link: number;
  /** For relocations: index of the section they apply to. */
  readonly info: number;
  /** Size of an entry, for tables. */
  readonly entrySize: number;
}

/** The ELF header's facts about the section headers. */
export interface SectionTable extends HeaderTable {
  readonly namesIndex: number;
  readonly littleEndian: boolean;
  readonly layout: ElfLayout;
  readonly file: string | undefined;
}

/** Headers that lie within the file. They are read in place, because a file may have thousands. */
class Headers {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #reader: ByteReader;
  readonly #table: SectionTable;

  constructor(bytes: Uint8Array, reader: ByteReader, table: SectionTable) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#reader = reader;
    this.#table = table;
  }

  /** @throws FormatError for a section outside the file */
  read(index: number, nameAt: NameAt): ElfSection {
    const bytes = this.#bytes;
    const view = this.#view;
    const { start, littleEndian: little, layout } = this.#table;
    const { sectionHeader: header } = layout;
    const at = start + index * header.size;
    const type = view.getUint32(at + 4, little);
    // The upper half of 64 bits of flags means nothing here.
    const flags = view.getUint32(little || layout.bits === 32 ? at + 8 : at + 12, little);
    const offset = this.#size(at + header.offset);
    const size = this.#size(at + header.length);
    const inFile = type === SECTION_TYPE.nobits || type === SECTION_TYPE.null ? 0 : size;
    if (inFile > 0 && offset + inFile > bytes.length) {
      throw this.#reader.error(
        `section ${index} takes bytes ${offset} to ${offset + inFile} of a file of ${bytes.length}`,
        at + header.offset,
      );
    }
    return {
      index,
      name: index === 0 ? '' : nameAt(view.getUint32(at, little)),
      type,
      executable: (flags & SECTION_FLAG.execinstr) !== 0,
      writable: (flags & SECTION_FLAG.write) !== 0,
      allocated: (flags & SECTION_FLAG.alloc) !== 0,
      // Rounded in kernels: their addresses are too large for an exact number.
      address: roundedWord(view, at + header.address, little, layout),
      offset,
      size,
      data: inFile === 0 ? NO_DATA : bytes.subarray(offset, offset + inFile),
      alignment: this.#size(at + header.alignment),
      link: view.getUint32(at + header.link, little),
      info: view.getUint32(at + header.info, little),
      entrySize: this.#size(at + header.entrySize),
    };
  }

  #size(at: number): number {
    const { littleEndian: little, layout } = this.#table;
    if (layout.bits === 32) return this.#view.getUint32(at, little);
    const low = this.#view.getUint32(little ? at : at + 4, little);
    const high = this.#view.getUint32(little ? at + 4 : at, little);
    // Sizes beyond 4 GiB are rare, and the reader refuses those that a number cannot hold.
    return high === 0 ? low : this.#reader.seek(at).size64();
  }
}

/** A word of a header, rounded if a number cannot hold it exactly. */
export function roundedWord(
  view: DataView,
  at: number,
  little: boolean,
  { bits }: Pick<ElfLayout, 'bits'>,
): number {
  if (bits === 32) return view.getUint32(at, little);
  const [upper, lower] = little ? [at + 4, at] : [at, at + 4];
  return view.getUint32(upper, little) * 2 ** 32 + view.getUint32(lower, little);
}

const NO_DATA = new Uint8Array(0);

/**
 * A file's sections may add up to this many times its size. Sections do not overlap, except in a file that is made to
 * take memory: everything read from sections is kept.
 */
const MOST_SHARING = 2;

type NameAt = (offset: number) => string;
const unnamed: NameAt = () => '';

/** Makes a function that reads the names of sections. @throws FormatError when their section is not a string table */
function namesOf(headers: Headers, index: number, count: number, table: SectionTable): NameAt {
  const { file, layout } = table;
  const names = index < count ? headers.read(index, unnamed) : undefined;
  if (names?.type === SECTION_TYPE.strtab) {
    const strings = new StringTable(names.data, 'section names', file);
    return (offset) => strings.at(offset);
  }
  if (index === 0) return unnamed;
  throw new FormatError(`section names are in section ${index}, which is not a string table`, {
    file,
    section: 'ELF header',
    offset: layout.fileHeader.sizes + 10,
  });
}

/** Reads the section headers. Files with 0xff00 sections or more keep count and names index in section 0. */
export function readSections(bytes: Uint8Array, table: SectionTable): ElfSection[] {
  const { file, littleEndian, start, layout } = table;
  const { size } = layout.sectionHeader;
  if (start === 0) return [];
  const reader = new ByteReader(bytes, { littleEndian, file, section: 'ELF section headers' });
  if (table.entrySize !== size) {
    throw reader.error(`a section header has ${table.entrySize} bytes, expected ${size}`, 0);
  }
  reader.seek(start).skip(size);
  const headers = new Headers(bytes, reader, table);
  const first = headers.read(0, unnamed);
  const count = table.count === 0 ? first.size : table.count;
  if (count > (bytes.length - start) / size) {
    throw reader.error(`${count} section headers do not fit the file of ${bytes.length} bytes`, start);
  }
  const namesIndex = table.namesIndex === SECTION_INDEX.extended ? first.link : table.namesIndex;
  const nameAt = namesOf(headers, namesIndex, count, table);
  const sections = [first];
  let total = first.data.length;
  for (let index = 1; index < count; index++) {
    const section = headers.read(index, nameAt);
    total += section.data.length;
    sections.push(section);
  }
  if (total > MOST_SHARING * bytes.length) {
    throw reader.error(`sections take ${total} bytes of a file of ${bytes.length}`, start);
  }
  return sections;
}
