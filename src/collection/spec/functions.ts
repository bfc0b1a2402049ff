import { decode, type Instruction, opcode, slotsOf } from '../../asm/index.ts';
import type { BtfExt } from '../../btf/index.ts';
import { BPF_RELOCATION, type ElfRelocation, type ElfSection, SECTION_INDEX } from '../../elf/index.ts';
import { nameOf, type ObjectContext, problemAt, symbolsIn } from './context.ts';
import type { DataSections } from './data-maps.ts';
import { type SectionRecords, sectionRecords } from './section-records.ts';
import { refuseUnnamed } from './stripped.ts';
import type { FunctionSpec } from './types.ts';

const SLOT = 8;

/** A function before the references of its instructions are known. */
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

/** Which maps lie where: the name of the map at an offset of a section of map definitions. */
export type MapsAt = (section: ElfSection, offset: number) => string | undefined;

/**
 * How many times its size a section's functions may add up to. Only those with two names overlap; in a file made to take
 * memory many do, as each has its own instructions.
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
        `functions take ${total} bytes of ${section.size}: they overlap`,
      );
    }
    for (const symbol of symbols) {
      const { name, value, size, binding, visibility } = symbol;
      if (value % SLOT !== 0 || size % SLOT !== 0 || size === 0 || value + size > section.size) {
        throw problemAt(
          elf,
          section,
          value,
          `function "${name}" has ${size} bytes, the section ${section.size}`,
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

/** Puts the references of a section's instructions into them. */
class Linker {
  readonly #context: ObjectContext;
  readonly #data: DataSections;
  readonly #mapsAt: MapsAt;
  readonly #byPlace = new Map<ElfSection, Map<number, string>>();

  constructor(context: ObjectContext, functions: readonly Place[], data: DataSections, mapsAt: MapsAt) {
    this.#context = context;
    this.#data = data;
    this.#mapsAt = mapsAt;
    for (const { section, offset, name } of functions) {
      const known = this.#byPlace.get(section);
      if (known === undefined) this.#byPlace.set(section, new Map([[offset, name]]));
      else known.set(offset, name);
    }
  }

  link(
    section: ElfSection,
    at: number,
    instruction: Instruction,
    relocation: ElfRelocation | undefined,
  ): void {
    const isCall = instruction.opcode === (opcode.CLASS.jmp | opcode.JUMP.call);
    if (relocation !== undefined) {
      if (instruction.opcode === opcode.LD_IMM64) this.#load(section, at, instruction, relocation);
      else if (isCall) this.#call(section, at, instruction, relocation);
      else
        throw this.#problem(
          section,
          at,
          `relocation ${relocation.type} of an instruction that is no call and no load`,
        );
    } else if (isCall && instruction.src === opcode.CALL.local) {
      instruction.target = this.#function(section, section, at, at + SLOT * (instruction.imm + 1));
      instruction.imm = 0;
    }
  }

  #problem(section: ElfSection, at: number, problem: string): Error {
    return problemAt(this.#context.elf, section, at, problem);
  }

  #function(section: ElfSection, target: ElfSection, at: number, offset: number): string {
    const name = this.#byPlace.get(target)?.get(offset);
    if (name !== undefined) return name;
    throw this.#problem(section, at, `no function begins at offset ${offset} of ${target.name}`);
  }

  #call(section: ElfSection, at: number, instruction: Instruction, { symbol, type }: ElfRelocation): void {
    const { elf } = this.#context;
    if (type !== BPF_RELOCATION.call32)
      throw this.#problem(section, at, `relocation ${type} of a call, expected 10`);
    const target = elf.sectionOf(symbol);
    if (target === undefined) {
      instruction.extern = symbol.name;
      instruction.src = opcode.CALL.kfunc;
    } else if (target.executable) {
      const base = symbol.type === 'section' ? SLOT * (instruction.imm + 1) : symbol.value;
      instruction.target = this.#function(section, target, at, base);
      instruction.src = opcode.CALL.local;
    } else {
      throw this.#problem(
        section,
        at,
        `call of "${symbol.name}" in ${target.name}, which holds no instructions`,
      );
    }
    instruction.imm = 0;
  }

  #load(section: ElfSection, at: number, instruction: Instruction, relocation: ElfRelocation): void {
    const { symbol, type } = relocation;
    const { elf } = this.#context;
    if (type !== BPF_RELOCATION.imm64) {
      throw this.#problem(section, at, `relocation ${type} of a 64-bit load, expected 1`);
    }
    const target = elf.sectionOf(symbol);
    const offset = symbol.value + instruction.imm;
    instruction.imm = 0;
    instruction.high = 0;
    if (target === undefined) {
      if (symbol.sectionIndex === SECTION_INDEX.common) {
        throw this.#problem(
          section,
          at,
          `variable "${symbol.name}" is in no section (a common symbol): initialise it, or compile with -fno-common`,
        );
      }
      instruction.extern = symbol.name;
      return;
    }
    if (target.executable) {
      instruction.src = opcode.PSEUDO.func;
      instruction.target = this.#function(section, target, at, offset);
      return;
    }
    const data = this.#data.get(target);
    if (data !== undefined) {
      instruction.src = opcode.PSEUDO.mapValue;
      instruction.map = data;
      instruction.high = offset | 0;
      return;
    }
    const map = this.#mapsAt(target, offset);
    if (map === undefined) {
      throw this.#problem(
        section,
        at,
        `"${symbol.name}" at offset ${offset} of ${target.name} is neither map nor data`,
      );
    }
    instruction.src = opcode.PSEUDO.mapFd;
    instruction.map = map;
  }
}

/**
 * Reads the functions of an object: their instructions, with what these refer to by name, and with the source lines and
 * CO-RE relocations of .BTF.ext.
 *
 * @throws FormatError for functions beyond their section, and references to what is not there
 */
export function readFunctions(
  context: ObjectContext,
  ext: BtfExt | undefined,
  data: DataSections,
  mapsAt: MapsAt,
): FunctionSpec[] {
  const { elf, btf } = context;
  const all = places(context);
  const linker = new Linker(context, all, data, mapsAt);
  const byteOrder = elf.littleEndian ? 'little' : 'big';
  const known = new Map<ElfSection, SectionRecords>();
  const functions: FunctionSpec[] = [];
  for (const { name, symbol, section, offset, end, binding, hidden } of all) {
    const instructions = decode(section.data.subarray(offset, end), { byteOrder, section: section.name });
    const records = known.get(section) ?? sectionRecords(context, ext, section);
    known.set(section, records);
    let at = offset;
    for (const instruction of instructions) {
      linker.link(section, at, instruction, records.relocations.get(at));
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
