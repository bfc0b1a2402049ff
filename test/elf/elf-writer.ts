/** Writes ELF files for tests, malformed ones too: any header field can be overridden. */

export interface SectionInit {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly data?: Uint8Array;
  /** For sections that take no bytes in the file. */
  readonly size?: number;
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

export interface HeaderInit {
  readonly machine?: number;
  readonly sectionCount?: number;
  readonly namesIndex?: number;
  readonly entrySize?: number;
  readonly littleEndian?: boolean;
}

const text = new TextEncoder();

/** A string section: the bytes, and where each text begins. */
export function strings(...words: string[]): { readonly data: Uint8Array; readonly offsets: number[] } {
  const offsets: number[] = [];
  let all = '\0';
  for (const word of words) {
    offsets.push(all.length);
    all += `${word}\0`;
  }
  return { data: text.encode(all), offsets };
}

export function symbolTable(symbols: readonly SymbolInit[], littleEndian = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(symbols.length * 24));
  for (const [i, symbol] of symbols.entries()) {
    view.setUint32(i * 24, symbol.name ?? 0, littleEndian);
    view.setUint8(i * 24 + 4, symbol.info ?? 0);
    view.setUint8(i * 24 + 5, symbol.other ?? 0);
    view.setUint16(i * 24 + 6, symbol.section ?? 0, littleEndian);
    view.setBigUint64(i * 24 + 8, BigInt(symbol.value ?? 0), littleEndian);
    view.setBigUint64(i * 24 + 16, BigInt(symbol.size ?? 0), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Entries of a SHT_REL table: offset, type, symbol. */
export function relTable(
  entries: readonly (readonly [number, number, number])[],
  littleEndian = true,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(entries.length * 16));
  for (const [i, [offset, type, symbol]] of entries.entries()) {
    view.setBigUint64(i * 16, BigInt(offset), littleEndian);
    view.setBigUint64(i * 16 + 8, (BigInt(symbol) << 32n) | BigInt(type), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Section 0 and the names' section are added; sections given have the numbers 1, 2, …. */
export function elfFile(sections: readonly SectionInit[], header: HeaderInit = {}): Uint8Array {
  const { littleEndian = true } = header;
  const names = strings(...sections.map(({ name }) => name), '.shstrtab');
  const all: SectionInit[] = [
    { name: '', type: 0 },
    ...sections,
    { name: '.shstrtab', type: 3, data: names.data },
  ];
  const bodies = all.map(({ data }) => data ?? new Uint8Array(0));
  const starts: number[] = [];
  let end = 64;
  for (const body of bodies) {
    starts.push(end);
    end += Math.ceil(body.length / 8) * 8;
  }
  const bytes = new Uint8Array(end + all.length * 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1]);
  view.setUint16(16, 1, littleEndian);
  view.setUint16(18, header.machine ?? 247, littleEndian);
  view.setBigUint64(40, BigInt(end), littleEndian);
  view.setUint16(52, 64, littleEndian);
  view.setUint16(58, header.entrySize ?? 64, littleEndian);
  view.setUint16(60, header.sectionCount ?? all.length, littleEndian);
  view.setUint16(62, header.namesIndex ?? all.length - 1, littleEndian);
  for (const [i, section] of all.entries()) {
    const body = bodies[i] ?? new Uint8Array(0);
    bytes.set(body, starts[i]);
    const at = end + i * 64;
    view.setUint32(at, i === 0 ? 0 : (names.offsets[i - 1] ?? 0), littleEndian);
    view.setUint32(at + 4, section.type ?? 1, littleEndian);
    view.setBigUint64(at + 8, BigInt(section.flags ?? 0), littleEndian);
    view.setBigUint64(at + 24, BigInt(i === 0 ? 0 : (starts[i] ?? 0)), littleEndian);
    view.setBigUint64(at + 32, BigInt(section.size ?? body.length), littleEndian);
    view.setUint32(at + 40, section.link ?? 0, littleEndian);
    view.setUint32(at + 44, section.info ?? 0, littleEndian);
    view.setBigUint64(at + 48, 8n, littleEndian);
    view.setBigUint64(at + 56, BigInt(section.entrySize ?? 0), littleEndian);
  }
  return bytes;
}
