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

type Unnamed = Omit<ElfSection, 'name'> & { readonly nameOffset: number };

function readHeader(reader: ByteReader, index: number, bytes: Uint8Array): Unnamed {
  const at = reader.position;
  const nameOffset = reader.u32();
  const type = reader.u32();
  const flags = Number(reader.u64() & 0xffn);
  // Rounded in kernels, whose addresses are beyond what a number holds exactly.
  const address = Number(reader.u64());
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
    nameOffset,
    type,
    executable: (flags & SECTION_FLAG.execinstr) !== 0,
    writable: (flags & SECTION_FLAG.write) !== 0,
    allocated: (flags & SECTION_FLAG.alloc) !== 0,
    address,
    offset,
    size,
    data: inFile === 0 ? new Uint8Array(0) : bytes.subarray(offset, offset + inFile),
    alignment,
    link,
    info,
    entrySize,
  };
}

/** Reads the section headers. Files with 0xff00 sections or more keep count and names index in section 0. */
export function readSections(bytes: Uint8Array, table: SectionTable): ElfSection[] {
  const { file, littleEndian } = table;
  if (table.start === 0) return [];
  const reader = new ByteReader(bytes, { littleEndian, file, section: 'ELF section headers' });
  if (table.entrySize !== SECTION_HEADER_SIZE) {
    throw reader.error(`a section header has ${table.entrySize} bytes, expected ${SECTION_HEADER_SIZE}`, 0);
  }
  const first = readHeader(reader.seek(table.start), 0, bytes);
  const count = table.count === 0 ? first.size : table.count;
  if (count > reader.remaining / SECTION_HEADER_SIZE + 1) {
    throw reader.error(`${count} section headers do not fit the file of ${bytes.length} bytes`, table.start);
  }
  const headers = [first];
  while (headers.length < count) headers.push(readHeader(reader, headers.length, bytes));
  const namesIndex = table.namesIndex === SECTION_INDEX.extended ? first.link : table.namesIndex;
  const names = headers[namesIndex];
  if (names === undefined || names.type !== SECTION_TYPE.strtab) {
    if (namesIndex === 0) return headers.map(({ nameOffset: _, ...rest }) => ({ ...rest, name: '' }));
    throw new FormatError(`section names are in section ${namesIndex}, which is no string table`, {
      file,
      section: 'ELF header',
      offset: 62,
    });
  }
  const strings = new StringTable(names.data, 'section names', file);
  return headers.map(({ nameOffset, ...rest }) => ({
    ...rest,
    name: rest.index === 0 ? '' : strings.at(nameOffset),
  }));
}
