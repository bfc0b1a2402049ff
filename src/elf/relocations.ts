import { ByteReader } from '../bytes/index.ts';
import { SECTION_TYPE } from './constants.ts';
import type { ElfSection } from './sections.ts';
import type { ElfSource } from './source.ts';
import { countEntries, type ElfSymbol } from './symbols.ts';

/** A place in a section that gets the address of a symbol. */
export interface ElfRelocation {
  /** Offset within the section that is relocated. */
  readonly offset: number;
  /** See `BPF_RELOCATION`. */
  readonly type: number;
  readonly symbol: ElfSymbol;
  /** The number to add to the address. `undefined` if it stands at the place itself (SHT_REL). */
  readonly addend: bigint | undefined;
}

/** Reads a relocation table that applies to `target`. */
export function readRelocations(
  table: ElfSection,
  target: ElfSection,
  symbols: readonly ElfSymbol[],
  elf: ElfSource,
): ElfRelocation[] {
  const reader = new ByteReader(table.data, {
    littleEndian: elf.littleEndian,
    file: elf.file,
    section: table.name,
  });
  const wide = elf.layout.bits === 64;
  const withAddend = table.type === SECTION_TYPE.rela;
  const count = countEntries(table, withAddend ? elf.layout.relaSize : elf.layout.relSize, (problem) =>
    reader.error(problem, 0),
  );
  const relocations: ElfRelocation[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.position;
    const offset = wide ? reader.size64() : reader.u32();
    // r_info: the symbol in the upper half, the type in the lower; in 32-bit files the type has 8 bits.
    const first = reader.u32();
    const second = wide ? reader.u32() : first;
    const [low, high] = elf.littleEndian ? [first, second] : [second, first];
    const type = wide ? low : first & 0xff;
    const symbolIndex = wide ? high : first >>> 8;
    const addend = withAddend ? (wide ? reader.i64() : BigInt(reader.i32())) : undefined;
    const symbol = symbols[symbolIndex];
    if (symbol === undefined) {
      throw reader.error(
        `relocation ${i} is against symbol ${symbolIndex} of ${symbols.length}`,
        start + (wide ? 8 : 4),
      );
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
