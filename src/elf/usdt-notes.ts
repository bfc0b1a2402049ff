import { Buffer } from 'node:buffer';
import { ByteReader } from '../bytes/index.ts';
import { SECTION_TYPE } from './constants.ts';
import { roundedWord } from './sections.ts';
import type { ElfSource } from './source.ts';

const SECTION = '.note.stapsdt';
const OWNER = 'stapsdt\0';
/** `NT_STAPSDT` (sys/sdt.h of SystemTap). */
const NOTE_TYPE = 3;
/** Notes, and their parts, begin at multiples of this. */
const ALIGNMENT = 4;

/** What a note says about a probe. The addresses are those at which the file was linked. */
export interface UsdtNote {
  readonly location: number;
  /** The address that the section `.stapsdt.base` was linked at. */
  readonly base: number;
  /** The address of the counter of attached programs; 0 if there is none. */
  readonly semaphore: number;
  readonly provider: string;
  readonly name: string;
  readonly arguments: string;
}

const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  length > OWNER.length ? '' : Buffer.from(buffer, byteOffset, length).toString('latin1');

function readNote(description: ByteReader, bytes: Uint8Array, elf: ElfSource): UsdtNote {
  const { littleEndian, layout } = elf;
  const word = layout.bits / 8;
  description.skip(3 * word);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const address = (index: number): number => roundedWord(view, index * word, littleEndian, layout);
  const provider = description.cstring();
  const name = description.cstring();
  const list = description.cstring();
  return {
    location: address(0),
    base: address(1),
    semaphore: address(2),
    provider,
    name,
    // Probes made without arguments may say so with a colon.
    arguments: list.startsWith(':') ? '' : list,
  };
}

/**
 * Reads the notes that describe USDT probes, in file order. Other notes in their section are passed over.
 *
 * @throws FormatError if they do not fit their section
 */
export function readUsdtNotes(elf: ElfSource): UsdtNote[] {
  const { file, littleEndian } = elf;
  const notes: UsdtNote[] = [];
  for (const { name: section, type, data } of elf.sections) {
    if (section !== SECTION || type !== SECTION_TYPE.note) continue;
    const reader = new ByteReader(data, { littleEndian, file, section });
    while (reader.remaining > 0) {
      const nameSize = reader.u32();
      const size = reader.u32();
      const kind = reader.u32();
      const owner = reader.bytes(nameSize);
      reader.align(ALIGNMENT);
      const start = reader.position;
      const description = reader.slice(size);
      // The last note may end without padding.
      if (reader.remaining > 0) reader.align(ALIGNMENT);
      if (kind !== NOTE_TYPE || latin1(owner) !== OWNER) continue;
      notes.push(readNote(description, data.subarray(start, start + size), elf));
    }
  }
  return notes;
}
