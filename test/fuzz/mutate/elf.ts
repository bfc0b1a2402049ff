import { type ElfLayout, LAYOUT_32, LAYOUT_64 } from '../../../src/elf/layout.ts';
import { mutateBtf } from './btf.ts';
import { mutateBytes } from './bytes.ts';
import { otherWord, pick, type Random } from './random.ts';

/** The facts about a section that are needed to damage it. */
interface Section {
  /** The offset of its header in the file. */
  readonly header: number;
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** The size of a table's entries, by section type: symbols, relocations with and without addend, versions. */
function entrySize(type: number, layout: ElfLayout): number | undefined {
  if (type === 2 || type === 11) return layout.symbolSize;
  if (type === 4) return layout.relaSize;
  if (type === 9) return layout.relSize;
  return type === 0x6fffffff ? 4 : undefined;
}

class Elf {
  readonly little: boolean;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly layout: ElfLayout;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[5] !== 2;
    this.layout = bytes[4] === 1 ? LAYOUT_32 : LAYOUT_64;
  }

  /** Reads a word of the file's class. Only its low 32 bits count. */
  word(at: number): number {
    if (this.layout.bits === 32) return this.view.getUint32(at, this.little);
    return Number(this.view.getBigUint64(at, this.little) & 0xffff_ffffn);
  }

  setWord(at: number, value: number): void {
    if (this.layout.bits === 32) this.view.setUint32(at, value, this.little);
    else this.view.setBigUint64(at, BigInt(value), this.little);
  }

  /** The sections that lie completely within the file. */
  sections(): Section[] {
    const { view, little, bytes, layout } = this;
    const { fileHeader, sectionHeader } = layout;
    if (bytes.length < fileHeader.size) return [];
    const table = this.word(fileHeader.sections);
    const found: Omit<Section, 'name'>[] = [];
    const nameOffsets: number[] = [];
    for (let i = 0; i < view.getUint16(fileHeader.sizes + 8, little); i++) {
      const header = table + sectionHeader.size * i;
      if (header + sectionHeader.size > bytes.length) break;
      const [offset, size] = [
        this.word(header + sectionHeader.offset),
        this.word(header + sectionHeader.length),
      ];
      const type = view.getUint32(header + 4, little);
      nameOffsets.push(view.getUint32(header, little));
      found.push({ header, type, offset, size: offset + size > bytes.length ? 0 : size });
    }
    const names = found[view.getUint16(fileHeader.sizes + 10, little)];
    return found.map((section, i) => {
      const start = (names?.offset ?? 0) + (nameOffsets[i] ?? 0);
      const end = bytes.indexOf(0, start);
      return { ...section, name: Buffer.from(bytes.subarray(start, end)).toString('latin1') };
    });
  }

  damage(at: number, next: Random): void {
    if (at < 0 || at + 4 > this.bytes.length) return;
    this.view.setUint32(at, otherWord(this.view.getUint32(at, this.little), next), this.little);
  }
}

/** Replaces the content of a section: in the same place if it fits, otherwise at the end of the file. */
function replace(bytes: Uint8Array, section: Section, content: Uint8Array): Uint8Array {
  if (content.length === 0) return bytes;
  const fits = content.length <= section.size;
  const result = new Uint8Array(fits ? bytes.length : bytes.length + content.length);
  result.set(bytes);
  const offset = fits ? section.offset : bytes.length;
  result.set(content, offset);
  const elf = new Elf(result);
  const { sectionHeader } = elf.layout;
  elf.setWord(section.header + sectionHeader.offset, offset);
  elf.setWord(section.header + sectionHeader.length, content.length);
  return result;
}

/** Changes a field of an entry of a symbol or relocation table. */
function mutateEntry(elf: Elf, table: Section, next: Random): void {
  const size = entrySize(table.type, elf.layout) ?? 8;
  const entries = Math.floor(table.size / size);
  const at = table.offset + size * next(entries);
  if (next(5) === 0 && entries > 0) {
    const other = table.offset + size * next(entries);
    elf.bytes.copyWithin(at, other, other + size);
  } else if (next(3) === 0) {
    const byte = at + next(size);
    if (byte < elf.bytes.length) elf.bytes[byte] = next(4) === 0 ? next(256) : next(16);
  } else elf.damage(at + 4 * next(size / 4), next);
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
      elf.damage(section.header + 4 * next(elf.layout.sectionHeader.size / 4), next);
      return bytes;
    case 1: {
      const other = pick(sections, next);
      bytes.copyWithin(section.header + 4 * next(8), other.header, other.header + 4 * next(12));
      return bytes;
    }
    case 2:
      mutateEntry(
        elf,
        pick([...sections.filter(({ type }) => entrySize(type, elf.layout) !== undefined), section], next),
        next,
      );
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
      elf.damage(section.offset + (next(section.size) & ~3), next);
      return bytes;
    default: // the file header, and in programs the program headers too
      elf.damage(
        4 * next(elf.view.getUint16(elf.layout.fileHeader.sizes + 4, elf.little) > 0 ? 44 : 16),
        next,
      );
      return bytes;
  }
}

/** Damages an object file so that most of it stays valid. */
export function mutateElf(bytes: Uint8Array, next: Random): Uint8Array {
  if (next(24) === 0) return mutateBytes(bytes, next);
  let copy: Uint8Array = bytes.slice();
  for (let changes = 1 + next(4); changes > 0; changes--) copy = mutateOnce(copy, next);
  return copy;
}
