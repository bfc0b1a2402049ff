import { mutateBtf } from './btf.ts';
import { mutateBytes } from './bytes.ts';
import { otherWord, pick, type Random } from './random.ts';

const SECTION = 64;

/** A section as far as damage needs to know it. */
interface Section {
  /** Where its header is in the file. */
  readonly header: number;
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** Sizes of the entries of tables, by section type: symbols, relocations with and without addend. */
const ENTRY: { readonly [type: number]: number } = { 2: 24, 4: 24, 9: 16 };

class Elf {
  readonly little: boolean;
  readonly view: DataView;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[5] !== 2;
  }

  #wide(at: number): number {
    return Number(this.view.getBigUint64(at, this.little) & 0xffff_ffffn);
  }

  /** The sections that lie within the file. */
  sections(): Section[] {
    const { view, little, bytes } = this;
    if (bytes.length < SECTION) return [];
    const table = this.#wide(40);
    const found: Omit<Section, 'name'>[] = [];
    const nameOffsets: number[] = [];
    for (let i = 0; i < view.getUint16(60, little); i++) {
      const header = table + SECTION * i;
      if (header + SECTION > bytes.length) break;
      const [offset, size] = [this.#wide(header + 24), this.#wide(header + 32)];
      const type = view.getUint32(header + 4, little);
      nameOffsets.push(view.getUint32(header, little));
      found.push({ header, type, offset, size: offset + size > bytes.length ? 0 : size });
    }
    const names = found[view.getUint16(62, little)];
    return found.map((section, i) => {
      const start = (names?.offset ?? 0) + (nameOffsets[i] ?? 0);
      const end = bytes.indexOf(0, start);
      return { ...section, name: Buffer.from(bytes.subarray(start, end)).toString('latin1') };
    });
  }

  word(at: number, next: Random): void {
    if (at < 0 || at + 4 > this.bytes.length) return;
    this.view.setUint32(at, otherWord(this.view.getUint32(at, this.little), next), this.little);
  }
}

/** Puts other content in a section's place: where it was if it fits, else at the end of the file. */
function replace(bytes: Uint8Array, section: Section, content: Uint8Array): Uint8Array {
  if (content.length === 0) return bytes;
  const fits = content.length <= section.size;
  const result = new Uint8Array(fits ? bytes.length : bytes.length + content.length);
  result.set(bytes);
  const offset = fits ? section.offset : bytes.length;
  result.set(content, offset);
  const { view, little } = new Elf(result);
  view.setBigUint64(section.header + 24, BigInt(offset), little);
  view.setBigUint64(section.header + 32, BigInt(content.length), little);
  return result;
}

/** Changes a field of an entry of a symbol or relocation table. */
function mutateEntry(elf: Elf, table: Section, next: Random): void {
  const size = ENTRY[table.type] ?? 8;
  const entries = Math.floor(table.size / size);
  const at = table.offset + size * next(entries);
  if (next(5) === 0 && entries > 0) {
    const other = table.offset + size * next(entries);
    elf.bytes.copyWithin(at, other, other + size);
  } else if (next(3) === 0) {
    const byte = at + next(size);
    if (byte < elf.bytes.length) elf.bytes[byte] = next(4) === 0 ? next(256) : next(16);
  } else elf.word(at + 4 * next(size / 4), next);
}

function mutateOnce(bytes: Uint8Array, next: Random): Uint8Array {
  const elf = new Elf(bytes);
  const sections = elf.sections();
  if (sections.length === 0) return mutateBytes(bytes, next);
  const section = pick(sections, next);
  const content = bytes.subarray(section.offset, section.offset + section.size);
  const byName = (name: string): Section => sections.find((each) => each.name === name) ?? section;
  const contentOf = ({ offset, size }: Section): Uint8Array => bytes.slice(offset, offset + size);
  switch (next(9)) {
    case 0: // a field of a section's header
      elf.word(section.header + 4 * next(SECTION / 4), next);
      return bytes;
    case 1: {
      const other = pick(sections, next);
      bytes.copyWithin(section.header + 4 * next(8), other.header, other.header + 4 * next(12));
      return bytes;
    }
    case 2:
      mutateEntry(elf, pick([...sections.filter(({ type }) => type in ENTRY), section], next), next);
      return bytes;
    case 3:
    case 4: {
      const btf = byName('.BTF');
      return replace(bytes, btf, mutateBtf(contentOf(btf), next));
    }
    case 5: {
      const ext = byName('.BTF.ext');
      return replace(bytes, ext, mutateBytes(contentOf(ext), next));
    }
    case 6: // a name of a section or symbol
      if (content.length > 0) content[next(content.length)] = next(3) === 0 ? 0 : next(128);
      return bytes;
    case 7: // instructions, tables, data
      elf.word(section.offset + (next(section.size) & ~3), next);
      return bytes;
    default:
      elf.word(4 * next(16), next);
      return bytes;
  }
}

/** Damages an object file so that it stays one in most places. */
export function mutateElf(bytes: Uint8Array, next: Random): Uint8Array {
  if (next(24) === 0) return mutateBytes(bytes, next);
  let copy: Uint8Array = bytes.slice();
  for (let changes = 1 + next(4); changes > 0; changes--) copy = mutateOnce(copy, next);
  return copy;
}
