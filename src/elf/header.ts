import { ByteReader } from '../bytes/index.ts';
import { ELF_MAGIC, ELFCLASS32, ELFCLASS64, ELFDATA2LSB, ELFDATA2MSB } from './constants.ts';
import { type ElfLayout, LAYOUT_32, LAYOUT_64 } from './layout.ts';

/** A table of headers of one size. */
export interface HeaderTable {
  /** Where it begins in the file; 0 if there is none. */
  readonly start: number;
  readonly entrySize: number;
  /** The count as the header gives it. Large counts are in section 0. */
  readonly count: number;
}

/** The contents of an ELF file's first bytes. */
export interface ElfHeader {
  readonly littleEndian: boolean;
  readonly layout: ElfLayout;
  /** `e_type`: 1 for a relocatable object. */
  readonly type: number;
  /** `e_machine`: 247 for BPF. */
  readonly machine: number;
  readonly segments: HeaderTable;
  readonly sections: HeaderTable;
  /** The section that holds the names of sections. */
  readonly namesIndex: number;
}

/** Reads the header of an ELF file. @throws FormatError when it is not an ELF file */
export function readHeader(bytes: Uint8Array, file: string | undefined): ElfHeader {
  const { littleEndian, layout } = readIdentification(bytes, file);
  const reader = new ByteReader(bytes, { littleEndian, file, section: 'ELF header' });
  const { fileHeader, bits } = layout;
  const word = (at: number): number => {
    reader.seek(at);
    return bits === 64 ? reader.size64() : reader.u32();
  };
  const type = reader.seek(16).u16();
  const machine = reader.u16();
  const segmentsStart = word(fileHeader.segments);
  const sectionsStart = word(fileHeader.sections);
  const size = reader.seek(fileHeader.sizes).u16();
  if (size !== fileHeader.size) {
    throw reader.error(`header size is ${size}, expected ${fileHeader.size}`, fileHeader.sizes);
  }
  return {
    littleEndian,
    layout,
    type,
    machine,
    segments: { start: segmentsStart, entrySize: reader.u16(), count: reader.u16() },
    sections: { start: sectionsStart, entrySize: reader.u16(), count: reader.u16() },
    namesIndex: reader.u16(),
  };
}

/** Reads the first bytes, which say the class and byte order of the file. */
function readIdentification(
  bytes: Uint8Array,
  file: string | undefined,
): { readonly littleEndian: boolean; readonly layout: ElfLayout } {
  const reader = new ByteReader(bytes, { littleEndian: false, file, section: 'ELF header' });
  const magic = reader.u32();
  if (magic !== ELF_MAGIC) {
    const found = magic.toString(16).padStart(8, '0');
    throw reader.error(`it is not an ELF file: magic is 0x${found}, expected 0x7f454c46`, 0);
  }
  const elfClass = reader.u8();
  if (elfClass !== ELFCLASS32 && elfClass !== ELFCLASS64) {
    throw reader.error(`class is ${elfClass}, expected 1 (32-bit) or 2 (64-bit)`, 4);
  }
  const order = reader.u8();
  if (order !== ELFDATA2LSB && order !== ELFDATA2MSB) {
    throw reader.error(`byte order is ${order}, expected 1 (little) or 2 (big)`, 5);
  }
  const version = reader.u8();
  if (version !== 1) throw reader.error(`version is ${version}, expected 1`, 6);
  return {
    littleEndian: order === ELFDATA2LSB,
    layout: elfClass === ELFCLASS64 ? LAYOUT_64 : LAYOUT_32,
  };
}
