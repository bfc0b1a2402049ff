import { ByteReader } from '../bytes/index.ts';
import { FormatError } from '../errors/index.ts';
import { SECTION_FLAG, SECTION_HEADER_SIZE, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
import { StringTable } from './strings.ts';

/** A section: part of the file, or room that is zero at first (`.bss`). */
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
  /** Where it is in memory at run time, in programs and libraries; 0 in objects. */
  readonly address: number;
  /** Where it is in the file. */
  readonly offset: number;
  /** Bytes it takes in memory. */
  readonly size: number;
  /** Its bytes in the file, not copied; empty where it takes none there (`.bss`). */
  readonly data: Uint8Array;
  readonly alignment: number;
  /** Index of a related section: of a symbol table, its strings. */
  readonly link: number;
  /** Of relocations: index of the section they apply to. */
  readonly info: number;
  /** Size of an entry, for tables. */
  readonly entrySize: number;
}

/** What the ELF header says of the section headers. */
export interface SectionTable {
  readonly start: number;
  readonly entrySize: number;
  readonly count: number;
  readonly namesIndex: number;
  readonly littleEndian: boolean;
  readonly file: string | undefined;
}

function readHeader(reader: ByteReader, index: number, bytes: Uint8Array, nameAt: NameAt): ElfSection {
  const at = reader.position;
  const nameOffset = reader.u32();
  const type = reader.u32();
  const { low: flags } = halves(reader);
  // Rounded in kernels, whose addresses are beyond what a number holds exactly.
  const address = halves(reader);
  const offset = reader.size64();
  const size = reader.size64();
  const link = reader.u32();
  const info = reader.u32();
  const alignment = reader.size64();
  const entrySize = reader.size64();
  const inFile = type === SECTION_TYPE.nobits || type === SECTION_TYPE.null ? 0 : size;
  if (inFile > 0 && offset + inFile > bytes.length) {
    throw reader.error(
      `section ${index} takes bytes ${offset} to ${offset + inFile} of a file of ${bytes.length}`,
      at + 24,
    );
  }
  return {
    index,
    name: index === 0 ? '' : nameAt(nameOffset),
    type,
    executable: (flags & SECTION_FLAG.execinstr) !== 0,
    writable: (flags & SECTION_FLAG.write) !== 0,
    allocated: (flags & SECTION_FLAG.alloc) !== 0,
    address: address.high * 2 ** 32 + address.low,
    offset,
    size,
    data: inFile === 0 ? new Uint8Array(0) : bytes.subarray(offset, offset + inFile),
    alignment,
    link,
    info,
    entrySize,
  };
}

/** The two halves of 64 bits. */
function halves(reader: ByteReader): { readonly low: number; readonly high: number } {
  const [first, second] = [reader.u32(), reader.u32()];
  return reader.littleEndian ? { low: first, high: second } : { low: second, high: first };
}

/**
 * How many times its size a file's sections may add up to. They do not overlap; those of a file made to take memory do,
 * as everything is kept that is read from them.
 */
const MOST_SHARING = 2;

type NameAt = (offset: number) => string;
const unnamed: NameAt = () => '';

/** How to read the names of sections. @throws FormatError when the section that holds them is no string table */
function namesOf(
  reader: ByteReader,
  index: number,
  count: number,
  bytes: Uint8Array,
  table: SectionTable,
): NameAt {
  const { file, start } = table;
  const names =
    index < count
      ? readHeader(reader.seek(start + index * SECTION_HEADER_SIZE), index, bytes, unnamed)
      : undefined;
  if (names?.type === SECTION_TYPE.strtab) {
    const strings = new StringTable(names.data, 'section names', file);
    return (offset) => strings.at(offset);
  }
  if (index === 0) return unnamed;
  throw new FormatError(`section names are in section ${index}, which is no string table`, {
    file,
    section: 'ELF header',
    offset: 62,
  });
}

/** Reads the section headers. Files with 0xff00 sections or more keep count and names index in section 0. */
export function readSections(bytes: Uint8Array, table: SectionTable): ElfSection[] {
  const { file, littleEndian } = table;
  if (table.start === 0) return [];
  const reader = new ByteReader(bytes, { littleEndian, file, section: 'ELF section headers' });
  if (table.entrySize !== SECTION_HEADER_SIZE) {
    throw reader.error(`a section header has ${table.entrySize} bytes, expected ${SECTION_HEADER_SIZE}`, 0);
  }
  const first = readHeader(reader.seek(table.start), 0, bytes, unnamed);
  const count = table.count === 0 ? first.size : table.count;
  if (count > reader.remaining / SECTION_HEADER_SIZE + 1) {
    throw reader.error(`${count} section headers do not fit the file of ${bytes.length} bytes`, table.start);
  }
  const namesIndex = table.namesIndex === SECTION_INDEX.extended ? first.link : table.namesIndex;
  const nameAt = namesOf(reader, namesIndex, count, bytes, table);
  const sections = [first];
  reader.seek(table.start + SECTION_HEADER_SIZE);
  while (sections.length < count) sections.push(readHeader(reader, sections.length, bytes, nameAt));
  const total = sections.reduce((sum, { data }) => sum + data.length, 0);
  if (total > MOST_SHARING * bytes.length) {
    throw reader.error(`sections take ${total} bytes of a file of ${bytes.length}`, table.start);
  }
  return sections;
}
