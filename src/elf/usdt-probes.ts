import { wrongType } from '../errors/index.ts';
import { ElfFile } from './elf-file.ts';
import { dataOffsetInFile, offsetInFile } from './segments.ts';
import { readUsdtNotes } from './usdt-notes.ts';

const BASE_SECTION = '.stapsdt.base';

/** One place of a USDT probe. A probe has several places if its code was inlined, or written, more than once. */
export interface UsdtProbe {
  readonly provider: string;
  readonly name: string;
  /** Where the values of its arguments are, as the compiler wrote it: see {@link parseUsdtArguments}. */
  readonly arguments: string;
  /** The address of its instruction, without the load address. Rounded beyond 2^53. */
  readonly address: number;
  /** Where its instruction is in the file; `undefined` if no executable part of the file is mapped there. */
  readonly offset: number | undefined;
  /** The address of the counter of attached programs (the semaphore); 0 if the probe has none. */
  readonly semaphore: number;
  /** Where that counter is in the file; `undefined` if there is none, or no data of the file is mapped there. */
  readonly semaphoreOffset: number | undefined;
}

/**
 * The USDT probes of a program or library, as SystemTap's `sys/sdt.h` and other headers describe them in the section
 * `.note.stapsdt`: one for each place, in file order. Empty if there are none.
 *
 * @throws FormatError if their notes or the program headers are malformed
 * @throws TypeError if it is not an ElfFile
 */
export function usdtProbes(elf: ElfFile): UsdtProbe[] {
  if (!(elf instanceof ElfFile)) throw wrongType('usdtProbes: elf', 'an ElfFile', elf);
  const notes = readUsdtNotes(elf);
  if (notes.length === 0) return [];
  const { segments } = elf;
  const base = elf.section(BASE_SECTION)?.address ?? 0;
  return notes.map((note) => {
    // Prelinking moves sections and leaves notes. This section was moved as the rest was.
    const moved = base !== 0 && note.base !== 0 ? base - note.base : 0;
    const address = note.location + moved;
    const semaphore = note.semaphore === 0 ? 0 : note.semaphore + moved;
    return {
      provider: note.provider,
      name: note.name,
      arguments: note.arguments,
      address,
      offset: offsetInFile(segments, address),
      semaphore,
      semaphoreOffset: semaphore === 0 ? undefined : dataOffsetInFile(segments, semaphore),
    };
  });
}
