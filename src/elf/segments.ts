import { ByteReader } from '../bytes/index.ts';
import { PF_X, PN_XNUM, PT_LOAD } from './constants.ts';
import type { HeaderTable } from './header.ts';
import { roundedWord } from './sections.ts';
import type { ElfSource } from './source.ts';

/** A part of the file that is mapped when it runs or is loaded: a program header of type PT_LOAD. */
export interface ElfSegment {
  /** Where it begins in memory, without the load address. Rounded beyond 2^53. */
  readonly address: number;
  /** Where it begins in the file. */
  readonly offset: number;
  /** How many of its bytes are in the file. */
  readonly fileSize: number;
  /** Whether it may be executed. */
  readonly executable: boolean;
}

/** Reads the program headers of type PT_LOAD. */
export function readSegments(bytes: Uint8Array, table: HeaderTable, elf: ElfSource): ElfSegment[] {
  const { layout, littleEndian, file } = elf;
  const { programHeader } = layout;
  const { start, entrySize } = table;
  // Section 0 holds a count that does not fit.
  const count = table.count === PN_XNUM ? (elf.sections[0]?.info ?? table.count) : table.count;
  if (start === 0 || count === 0) return [];
  const reader = new ByteReader(bytes, { littleEndian, file, section: 'ELF program headers' });
  if (entrySize !== programHeader.size) {
    throw reader.error(`a program header has ${entrySize} bytes, expected ${programHeader.size}`, 0);
  }
  if (start > bytes.length || count > (bytes.length - start) / programHeader.size) {
    throw reader.error(`${count} program headers do not fit the file of ${bytes.length} bytes`, start);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * programHeader.size;
    if (view.getUint32(at, littleEndian) !== PT_LOAD) continue;
    segments.push({
      address: roundedWord(view, at + programHeader.address, littleEndian, layout),
      offset: roundedWord(view, at + programHeader.offset, littleEndian, layout),
      fileSize: roundedWord(view, at + programHeader.fileSize, littleEndian, layout),
      executable: (view.getUint32(at + programHeader.flags, littleEndian) & PF_X) !== 0,
    });
  }
  return segments;
}

/** Finds where in the file the variable at an address is, as the kernel maps it. `undefined` for code and `.bss`. */
export function dataOffsetInFile(segments: readonly ElfSegment[], address: number): number | undefined {
  return placeIn(segments, address, false);
}

/**
 * Finds where in the file the code at an address is, as the kernel maps it: by the segments. Section headers do not
 * count: running a program does not use them, and tools that change programs leave them wrong.
 *
 * @returns `undefined` when no executable part of the file is mapped there
 */
export function offsetInFile(segments: readonly ElfSegment[], address: number): number | undefined {
  return placeIn(segments, address, true);
}

function placeIn(segments: readonly ElfSegment[], address: number, executable: boolean): number | undefined {
  let found: number | undefined;
  for (const segment of segments) {
    const distance = address - segment.address;
    if (segment.executable !== executable || distance < 0 || distance >= segment.fileSize) continue;
    // A later segment is mapped over an earlier one.
    const offset = segment.offset + distance;
    found = Number.isSafeInteger(offset) ? offset : undefined;
  }
  return found;
}
