import { decode, slotsOf } from '../../asm/index.ts';
import type { BtfExt, FunctionInfo, LineInfo, PlacedCoreRelocation } from '../../btf/index.ts';
import type { ElfRelocation, ElfSection } from '../../elf/index.ts';
import { refuseUnnamed } from './check-object.ts';
import { nameOf, type ObjectContext, problemAt, symbolsIn } from './context.ts';
import type { DataSections } from './data-maps.ts';
import type { DefinedMaps } from './defined-maps.ts';
import { References, SLOT } from './references.ts';
import type { FunctionSpec } from './types.ts';

/** Where a function is. Its instructions are not read yet. */
interface Place {
  /** Unique in the object. */
  readonly name: string;
  /** The name of its symbol, and of its type. */
  readonly symbol: string;
  readonly section: ElfSection;
  readonly offset: number;
  readonly end: number;
  readonly binding: FunctionSpec['binding'];
  readonly hidden: boolean;
}

/**
 * The functions of a section may add up to this many times its size. Functions overlap only if one has two names. This
 * limit stops files that use up memory by many overlaps: each function gets its own copy of the instructions.
 */
const MOST_SHARING = 2;

function places(context: ObjectContext): Place[] {
  const { elf } = context;
  const found: Place[] = [];
  for (const section of elf.sections) {
    if (!section.executable || section.data.length === 0) continue;
    const symbols = symbolsIn(context, section).filter(({ type }) => type === 'function');
    if (symbols.length === 0) refuseUnnamed(context, section);
    let total = 0;
    for (const { size } of symbols) total += size;
    if (total > MOST_SHARING * section.size) {
      throw problemAt(
        elf,
        section,
        undefined,
        `functions take ${total} bytes, but the section has ${section.size}: they overlap`,
      );
    }
    for (const symbol of symbols) {
      const { name, value, size, binding, visibility } = symbol;
      if (value % SLOT !== 0 || size % SLOT !== 0 || size === 0 || value + size > section.size) {
        throw problemAt(
          elf,
          section,
          value,
          `function "${name}" has ${size} bytes, but the section has ${section.size}`,
        );
      }
      found.push({
        name: nameOf(context, symbol),
        symbol: name,
        section,
        offset: value,
        end: value + size,
        binding: binding === 'local' ? 'static' : binding === 'weak' ? 'weak' : 'global',
        hidden: visibility === 'hidden' || visibility === 'internal',
      });
    }
  }
  return found;
}

/** What relocations and .BTF.ext say about the instructions of a section, by the offset of the instruction. */
interface SectionRecords {
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

/** @throws FormatError */
function sectionRecords(
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

/**
 * Reads the functions of an object. Their instructions name what they refer to, and have the source lines and CO-RE
 * relocations of .BTF.ext.
 *
 * @throws FormatError for a function that reaches beyond its section, or a reference to something that does not exist
 */
export function readFunctions(
  context: ObjectContext,
  ext: BtfExt | undefined,
  data: DataSections,
  maps: DefinedMaps,
): FunctionSpec[] {
  const { elf, btf } = context;
  const all = places(context);
  const references = new References(context, all, data, maps);
  const byteOrder = elf.littleEndian ? 'little' : 'big';
  const known = new Map<ElfSection, SectionRecords>();
  const functions: FunctionSpec[] = [];
  for (const { name, symbol, section, offset, end, binding, hidden } of all) {
    const instructions = decode(section.data.subarray(offset, end), { byteOrder, section: section.name });
    const records = known.get(section) ?? sectionRecords(context, ext, section);
    known.set(section, records);
    let at = offset;
    for (const instruction of instructions) {
      references.resolve(section, at, instruction, records.relocations.get(at));
      const line = records.lines.get(at);
      if (line !== undefined) instruction.source = line;
      const core = records.cores.get(at);
      if (core !== undefined) instruction.core = core;
      at += SLOT * slotsOf(instruction);
    }
    const typeId = records.functions.get(offset)?.typeId ?? btf?.byName(symbol, 'func')?.id ?? 0;
    functions.push({ name, section: section.name, offset, binding, hidden, typeId, instructions });
  }
  return functions;
}
