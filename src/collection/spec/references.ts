import { type Instruction, opcode } from '../../asm/index.ts';
import { BPF_RELOCATION, type ElfRelocation, type ElfSection, SECTION_INDEX } from '../../elf/index.ts';
import { type ObjectContext, problemAt } from './context.ts';
import type { DataSections } from './data-maps.ts';
import type { DefinedMaps } from './defined-maps.ts';

/** Size of an instruction slot in bytes. */
export const SLOT = 8;

/** Where a function begins. */
interface DefinedFunction {
  readonly name: string;
  readonly section: ElfSection;
  readonly offset: number;
}

/** Names what instructions refer to: functions, maps, and what is defined elsewhere. */
export class References {
  readonly #context: ObjectContext;
  readonly #data: DataSections;
  readonly #maps: DefinedMaps;
  readonly #byPlace = new Map<ElfSection, Map<number, string>>();

  constructor(
    context: ObjectContext,
    functions: Iterable<DefinedFunction>,
    data: DataSections,
    maps: DefinedMaps,
  ) {
    this.#context = context;
    this.#data = data;
    this.#maps = maps;
    for (const { section, offset, name } of functions) {
      const known = this.#byPlace.get(section);
      if (known === undefined) this.#byPlace.set(section, new Map([[offset, name]]));
      else known.set(offset, name);
    }
  }

  /** Puts the names into an instruction. @throws FormatError for an invalid reference */
  resolve(
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
          `relocation ${relocation.type} of an instruction that is neither a call nor a load`,
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
    const map = this.#maps.nameAt(target, offset);
    if (map === undefined) {
      throw this.#problem(
        section,
        at,
        `"${symbol.name}" at offset ${offset} of ${target.name} is neither a map nor data`,
      );
    }
    instruction.src = opcode.PSEUDO.mapFd;
    instruction.map = map;
  }
}
