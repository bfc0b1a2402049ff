import { type ElfFile, type ElfSection, EM_BPF, ET_REL } from '../../elf/index.ts';
import { FormatError } from '../../errors/index.ts';
import { type ObjectContext, problemAt, symbolsIn } from './context.ts';

const REMEDY = 'compile it again without strip, or strip it with llvm-strip -g, which keeps them';

/**
 * Refuses files that are not BPF objects, and objects whose programs and maps cannot be found because their names are
 * gone.
 *
 * @throws FormatError
 */
export function checkObject(elf: ElfFile): void {
  const { file, layout, machine, type } = elf;
  const error = (problem: string): FormatError => new FormatError(problem, { file });
  if (layout.bits !== 64) throw error(`class is ${layout.bits}-bit, expected 64-bit`);
  if (machine !== EM_BPF && machine !== 0) throw error(`machine is ${machine}, expected ${EM_BPF} (BPF)`);
  if (type !== ET_REL) throw error(`type is ${type}, expected ${ET_REL} (relocatable object)`);
  if (elf.sections.length === 0) {
    throw error('it has no sections: they were stripped, or the file is incomplete');
  }
  if (elf.hasSymbols) return;
  throw error(`its symbol table was stripped, so its programs and maps cannot be found: ${REMEDY}`);
}

/** Refuses a section of instructions in which no symbol marks a function. @throws FormatError */
export function refuseUnnamed(context: ObjectContext, section: ElfSection): never {
  const { elf } = context;
  const named = symbolsIn(context, section).find(({ type, name }) => type === 'notype' && name !== '');
  // Assemblers give labels no type unless they are told to.
  const problem =
    named === undefined
      ? `it holds instructions, but no symbol says which functions they are: ${REMEDY}`
      : `it holds instructions, but "${named.name}" is not a function: add .type ${named.name}, @function and .size`;
  throw problemAt(elf, section, undefined, problem);
}
