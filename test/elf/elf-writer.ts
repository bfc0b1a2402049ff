/** Writes ELF files for tests. Any header field can be overridden, so malformed files are possible too. */
import { LAYOUT_32, LAYOUT_64 } from '../../src/elf/layout.ts';

export interface SectionInit {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly data?: Uint8Array;
  /** The size of a section that takes no bytes in the file. */
  readonly size?: number;
  /** The offset that its header gives, instead of the true one. */
  readonly offset?: number;
  readonly address?: number;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
}

export interface SymbolInit {
  readonly name?: number;
  readonly info?: number;
  readonly other?: number;
  readonly section?: number;
  readonly value?: number;
  readonly size?: number;
}

export interface SegmentInit {
  readonly type?: number;
  readonly flags?: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

/** The class (32- or 64-bit) and byte order of a file. */
export interface Kind {
  readonly littleEndian?: boolean;
  readonly bits?: 32 | 64;
}

export interface HeaderInit extends Kind {
  readonly type?: number;
  readonly machine?: number;
  readonly sectionCount?: number;
  readonly namesIndex?: number;
  readonly entrySize?: number;
  readonly segments?: readonly SegmentInit[];
  readonly segmentSize?: number;
  readonly segmentCount?: number;
}

const text = new TextEncoder();

/** A string section: its bytes, and the offset of each text. */
export function strings(...words: string[]): { readonly data: Uint8Array; readonly offsets: number[] } {
  const offsets: number[] = [];
  let all = '\0';
  for (const word of words) {
    offsets.push(all.length);
    all += `${word}\0`;
  }
  return { data: text.encode(all), offsets };
}

/** Writes numbers into a file, in the sizes of its class. */
class Writer {
  readonly view: DataView;
  readonly #little: boolean;
  readonly #bits: 32 | 64;

  constructor(bytes: Uint8Array, { littleEndian = true, bits = 64 }: Kind) {
    this.view = new DataView(bytes.buffer);
    this.#little = littleEndian;
    this.#bits = bits;
  }

  u16(at: number, value: number): void {
    this.view.setUint16(at, value, this.#little);
  }

  u32(at: number, value: number): void {
    this.view.setUint32(at, value, this.#little);
  }

  word(at: number, value: number): void {
    if (this.#bits === 32) this.u32(at, value);
    else this.view.setBigUint64(at, BigInt(value), this.#little);
  }
}

export function symbolTable(symbols: readonly SymbolInit[], kind: Kind = {}): Uint8Array {
  const [size, value, length, info] = kind.bits === 32 ? [16, 4, 8, 12] : [24, 8, 16, 4];
  const bytes = new Uint8Array(symbols.length * size);
  const write = new Writer(bytes, kind);
  for (const [i, symbol] of symbols.entries()) {
    const at = i * size;
    write.u32(at, symbol.name ?? 0);
    bytes.set([symbol.info ?? 0, symbol.other ?? 0], at + info);
    write.u16(at + info + 2, symbol.section ?? 0);
    write.word(at + value, symbol.value ?? 0);
    write.word(at + length, symbol.size ?? 0);
  }
  return bytes;
}

/** Entries of a SHT_REL table: offset, type, symbol. */
export function relTable(
  entries: readonly (readonly [number, number, number])[],
  kind: Kind = {},
): Uint8Array {
  const wide = kind.bits !== 32;
  const size = wide ? 16 : 8;
  const bytes = new Uint8Array(entries.length * size);
  const write = new Writer(bytes, kind);
  for (const [i, [offset, type, symbol]] of entries.entries()) {
    write.word(i * size, offset);
    write.word(i * size + size / 2, wide ? symbol * 2 ** 32 + type : symbol * 256 + type);
  }
  return bytes;
}

/** A section .gnu.version_d. Its first version has number 2. */
export function versionDefinitions(nameOffsets: readonly number[], kind: Kind = {}): Uint8Array {
  const bytes = new Uint8Array(nameOffsets.length * 28);
  const write = new Writer(bytes, kind);
  for (const [i, name] of nameOffsets.entries()) {
    const at = i * 28;
    write.u16(at, 1);
    write.u16(at + 4, i + 2);
    write.u16(at + 6, 1);
    write.u32(at + 12, 20);
    write.u32(at + 16, i === nameOffsets.length - 1 ? 0 : 28);
    write.u32(at + 20, name);
  }
  return bytes;
}

/** A section .gnu.version. */
export function versionNumbers(numbers: readonly number[], kind: Kind = {}): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 2);
  const write = new Writer(bytes, kind);
  for (const [i, number] of numbers.entries()) write.u16(i * 2, number);
  return bytes;
}

/** Writes a file. Section 0 and the section of names are added. The given sections have the numbers 1, 2, and so on. */
export function elfFile(sections: readonly SectionInit[], header: HeaderInit = {}): Uint8Array {
  const { littleEndian = true, bits = 64, segments = [] } = header;
  const { fileHeader, sectionHeader, programHeader } = bits === 32 ? LAYOUT_32 : LAYOUT_64;
  const names = strings(...sections.map(({ name }) => name), '.shstrtab');
  const all: SectionInit[] = [
    { name: '', type: 0 },
    ...sections,
    { name: '.shstrtab', type: 3, data: names.data },
  ];
  const bodies = all.map(({ data }) => data ?? new Uint8Array(0));
  const starts: number[] = [];
  let end = fileHeader.size + segments.length * programHeader.size;
  for (const body of bodies) {
    starts.push(end);
    end += Math.ceil(body.length / 8) * 8;
  }
  const bytes = new Uint8Array(end + all.length * sectionHeader.size);
  const write = new Writer(bytes, { littleEndian, bits });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, littleEndian ? 1 : 2, 1]);
  write.u16(16, header.type ?? 1);
  write.u16(18, header.machine ?? 247);
  write.word(fileHeader.segments, segments.length === 0 ? 0 : fileHeader.size);
  write.word(fileHeader.sections, end);
  const sizes = [
    fileHeader.size,
    header.segmentSize ?? programHeader.size,
    header.segmentCount ?? segments.length,
    header.entrySize ?? sectionHeader.size,
    header.sectionCount ?? all.length,
    header.namesIndex ?? all.length - 1,
  ];
  for (const [i, size] of sizes.entries()) write.u16(fileHeader.sizes + 2 * i, size);
  for (const [i, segment] of segments.entries()) {
    const at = fileHeader.size + i * programHeader.size;
    write.u32(at, segment.type ?? 1);
    write.u32(at + programHeader.flags, segment.flags ?? 5);
    write.word(at + programHeader.offset, segment.offset);
    write.word(at + programHeader.address, segment.address);
    write.word(at + programHeader.fileSize, segment.fileSize);
  }
  for (const [i, section] of all.entries()) {
    const body = bodies[i] ?? new Uint8Array(0);
    bytes.set(body, starts[i]);
    const at = end + i * sectionHeader.size;
    write.u32(at, i === 0 ? 0 : (names.offsets[i - 1] ?? 0));
    write.u32(at + 4, section.type ?? 1);
    write.word(at + 8, section.flags ?? 0);
    write.word(at + sectionHeader.address, section.address ?? 0);
    write.word(at + sectionHeader.offset, section.offset ?? (i === 0 ? 0 : (starts[i] ?? 0)));
    write.word(at + sectionHeader.length, section.size ?? body.length);
    write.u32(at + sectionHeader.link, section.link ?? 0);
    write.u32(at + sectionHeader.info, section.info ?? 0);
    write.word(at + sectionHeader.alignment, 8);
    write.word(at + sectionHeader.entrySize, section.entrySize ?? 0);
  }
  return bytes;
}
