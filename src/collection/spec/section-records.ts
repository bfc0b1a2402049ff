import type { BtfExt, FunctionInfo, LineInfo, PlacedCoreRelocation } from '../../btf/index.ts';
import type { ElfRelocation, ElfSection } from '../../elf/index.ts';
import type { ObjectContext } from './context.ts';

/** What is said of the instructions of a section, each by its offset there. */
export interface SectionRecords {
  readonly relocations: ReadonlyMap<number, ElfRelocation>;
  readonly lines: ReadonlyMap<number, LineInfo>;
  readonly cores: ReadonlyMap<number, PlacedCoreRelocation>;
  readonly functions: ReadonlyMap<number, FunctionInfo>;
}

const NONE: ReadonlyMap<number, never> = new Map<number, never>();

function byOffset<T extends { readonly offset: number }>(records: readonly T[] = []): ReadonlyMap<number, T> {
  if (records.length === 0) return NONE;
  const found = new Map<number, T>();
  for (const record of records) found.set(record.offset, record);
  return found;
}

/** Puts together what relocations and .BTF.ext say of a section. @throws FormatError */
export function sectionRecords(
  { elf }: ObjectContext,
  ext: BtfExt | undefined,
  section: ElfSection,
): SectionRecords {
  return {
    relocations: byOffset(elf.relocations(section)),
    lines: byOffset(ext?.lines(section.name)),
    cores: byOffset(ext?.relocations(section.name)),
    functions: byOffset(ext?.functions(section.name)),
  };
}
