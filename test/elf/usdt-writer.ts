/** Writes programs with USDT probes, with only the parts that the search for probes reads. */
import { elfFile, type Kind, type SectionInit, type SegmentInit } from './elf-writer.ts';

export interface NoteInit {
  readonly owner?: string;
  readonly type?: number;
  /** Location, base and semaphore. */
  readonly addresses?: readonly number[];
  readonly provider?: string;
  readonly name?: string;
  readonly arguments?: string;
}

export interface UsdtFileInit extends Kind {
  readonly notes: readonly NoteInit[];
  /** The address of the section .stapsdt.base. Default: there is none. */
  readonly base?: number;
  readonly segments?: readonly SegmentInit[];
  readonly machine?: number;
  /** Sections with other contents. */
  readonly sections?: readonly SectionInit[];
  /** The type of the section of notes. Default: SHT_NOTE. */
  readonly sectionType?: number;
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
};

/** One note, with padding. */
export function usdtNote(init: NoteInit, { littleEndian = true, bits = 64 }: Kind): Uint8Array {
  const { owner = 'stapsdt', type = 3, addresses = [0x4010, 0, 0] } = init;
  const words = new DataView(new ArrayBuffer((addresses.length * bits) / 8));
  for (const [i, address] of addresses.entries()) {
    if (bits === 32) words.setUint32(4 * i, address, littleEndian);
    else words.setBigUint64(8 * i, BigInt(address), littleEndian);
  }
  const texts = [init.provider ?? 'test', init.name ?? 'probe', init.arguments ?? ''];
  const description = Buffer.concat([
    Buffer.from(words.buffer),
    Buffer.from(texts.map((text) => `${text}\0`).join('')),
  ]);
  const name = Buffer.from(`${owner}\0`);
  const header = new DataView(new ArrayBuffer(12));
  for (const [i, value] of [name.length, description.length, type].entries()) {
    header.setUint32(4 * i, value, littleEndian);
  }
  return Buffer.concat([Buffer.from(header.buffer), padded(name), padded(description)]);
}

/** Code at 0x4000, in the file from 0x1000 on; data at 0x8000, from 0x2000 on. */
const SEGMENTS: readonly SegmentInit[] = [
  { flags: 5, offset: 0x1000, address: 0x4000, fileSize: 0x1000 },
  { flags: 6, offset: 0x2000, address: 0x8000, fileSize: 0x1000 },
];

export function usdtFile(init: UsdtFileInit): Uint8Array {
  const { littleEndian = true, bits = 64, notes, base, sections = [], sectionType = 7 } = init;
  const kind = { littleEndian, bits };
  const data = Buffer.concat(notes.map((note) => usdtNote(note, kind)));
  const all: SectionInit[] = [{ name: '.note.stapsdt', type: sectionType, data }, ...sections];
  if (base !== undefined) all.push({ name: '.stapsdt.base', flags: 2, address: base, size: 1, type: 8 });
  return elfFile(all, { ...kind, type: 3, machine: init.machine ?? 62, segments: init.segments ?? SEGMENTS });
}
