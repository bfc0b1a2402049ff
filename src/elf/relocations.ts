import { ByteReader } from '../bytes/index.ts';
import { REL_SIZE, RELA_SIZE, SECTION_TYPE } from './constants.ts';
import type { ElfFile } from './elf-file.ts';
import type { ElfSection } from './sections.ts';
import { countEntries, type ElfSymbol } from './symbols.ts';

/** A place in a section that a symbol's address goes to. */
export interface ElfRelocation {
  /** Offset within the section that is relocated. */
  readonly offset: number;
  /** See `BPF_RELOCATION`. */
  readonly type: number;
  readonly symbol: ElfSymbol;
  /** What is added to the address; `undefined` where it stands at the place itself (SHT_REL). */
  readonly addend: bigint | undefined;
}

/** Reads a relocation table that applies to `target`. */
export function readRelocations(
  table: ElfSection,
  target: ElfSection,
  symbols: readonly ElfSymbol[],
  elf: ElfFile,
): ElfRelocation[] {
  const reader = new ByteReader(table.data, {
    littleEndian: elf.littleEndian,
    file: elf.file,
    section: table.name,
  });
  const withAddend = table.type === SECTION_TYPE.rela;
  const count = countEntries(table, withAddend ? RELA_SIZE : REL_SIZE, (problem) => reader.error(problem, 0));
  const relocations: ElfRelocation[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.position;
    const offset = reader.size64();
    // r_info: the symbol in the upper half, the type in the lower.
    const first = reader.u32();
    const second = reader.u32();
    const [type, symbolIndex] = elf.littleEndian ? [first, second] : [second, first];
    const addend = withAddend ? reader.i64() : undefined;
    const symbol = symbols[symbolIndex];
    if (symbol === undefined) {
      throw reader.error(`relocation ${i} is against symbol ${symbolIndex} of ${symbols.length}`, start + 8);
    }
    if (offset >= target.size) {
      throw reader.error(
        `relocation ${i} is at offset ${offset} of ${target.name}, which has ${target.size} bytes`,
        start,
      );
    }
    relocations.push({ offset, type, symbol, addend });
  }
  return relocations;
}
