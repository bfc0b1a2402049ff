/** Writes a relocatable ELF file for BPF as a compiler would, with one program and one variable. */

const EM_BPF = 247;
const HEADER = 64;
const SECTION_HEADER = 64;
const SYMBOL = 24;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
}

/** A string table, and the offset of each string in it. */
class Strings {
  #text = '\0';

  add(text: string): number {
    const at = this.#text.length;
    this.#text += `${text}\0`;
    return at;
  }

  get bytes(): Uint8Array {
    return new TextEncoder().encode(this.#text);
  }
}

interface Symbol {
  readonly name: string;
  /** Binding and type, as in st_info. */
  readonly info: number;
  readonly section: number;
  readonly size: number;
}

function symbolTable(symbols: readonly Symbol[], strings: Strings): Uint8Array {
  const view = new DataView(new ArrayBuffer(SYMBOL * (symbols.length + 1)));
  for (const [index, { name, info, section, size }] of symbols.entries()) {
    const at = SYMBOL * (index + 1);
    view.setUint32(at, strings.add(name), true);
    view.setUint8(at + 4, info);
    view.setUint16(at + 6, section, true);
    view.setBigUint64(at + 16, BigInt(size), true);
  }
  return new Uint8Array(view.buffer);
}

function link(sections: readonly Section[]): Uint8Array {
  const names = new Strings();
  const all: Section[] = [...sections, { name: '.shstrtab', type: 3, flags: 0, data: new Uint8Array() }];
  const nameAt = all.map(({ name }) => names.add(name));
  all[all.length - 1] = { name: '.shstrtab', type: 3, flags: 0, data: names.bytes };

  let end = HEADER;
  const offsets = all.map(({ data }) => {
    const offset = (end + 7) & ~7;
    end = offset + data.length;
    return offset;
  });
  const table = (end + 7) & ~7;
  const file = new Uint8Array(table + SECTION_HEADER * (all.length + 1));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true); // ET_REL
  view.setUint16(18, EM_BPF, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(58, SECTION_HEADER, true);
  view.setUint16(60, all.length + 1, true);
  view.setUint16(62, all.length, true);
  for (const [index, section] of all.entries()) {
    file.set(section.data, offsets[index]);
    const at = table + SECTION_HEADER * (index + 1);
    view.setUint32(at, nameAt[index] ?? 0, true);
    view.setUint32(at + 4, section.type, true);
    view.setBigUint64(at + 8, BigInt(section.flags), true);
    view.setBigUint64(at + 24, BigInt(offsets[index] ?? 0), true);
    view.setBigUint64(at + 32, BigInt(section.data.length), true);
    view.setUint32(at + 40, section.link ?? 0, true);
    view.setUint32(at + 44, section.info ?? 0, true);
    view.setBigUint64(at + 48, 8n, true);
    view.setBigUint64(at + 56, BigInt(section.entrySize ?? 0), true);
  }
  return file;
}

/**
 * A socket filter that returns 0, and eight bytes of initialised data, for which a loader creates an array map.
 * Sections: 1 program, 2 .data, 3 license, 4 .strtab, 5 .symtab.
 */
export function socketFilterObject(): Uint8Array {
  const ALLOC = 2;
  const program = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
  const strings = new Strings();
  const symbols = symbolTable(
    [
      { name: 'filter', info: 0x12, section: 1, size: program.length }, // global function
      { name: 'counter', info: 0x11, section: 2, size: 8 }, // global object
      { name: 'LICENSE', info: 0x11, section: 3, size: 4 },
    ],
    strings,
  );
  return link([
    { name: 'socket', type: 1, flags: ALLOC | 4, data: program },
    { name: '.data', type: 1, flags: ALLOC | 1, data: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0) },
    { name: 'license', type: 1, flags: ALLOC | 1, data: new TextEncoder().encode('GPL\0') },
    { name: '.strtab', type: 3, flags: 0, data: strings.bytes },
    { name: '.symtab', type: 2, flags: 0, data: symbols, link: 4, info: 1, entrySize: SYMBOL },
  ]);
}
