import type { ElfFile, ElfSection } from '../../elf/index.ts';
import { FormatError } from '../../errors/index.ts';
import { type ObjectContext, problemAt, symbolsIn } from './context.ts';

const REMEDY = 'compile it again without strip, or strip it with llvm-strip -g, which keeps them';

/**
 * Refuses objects whose programs and maps cannot be found because their names are gone.
 *
 * @throws FormatError for a file without sections or without a symbol table
 */
export function checkSymbolTable(elf: ElfFile): void {
  if (elf.sections.length === 0) {
    throw new FormatError('it has no sections: it was stripped of them, or written in part only', {
      file: elf.file,
    });
  }
  if (elf.hasSymbols) return;
  throw new FormatError(
    `it was stripped of its symbol table, so its programs and maps cannot be found: ${REMEDY}`,
    { file: elf.file },
  );
}

/** @throws FormatError for a section of instructions that no symbol says the functions of */
export function refuseUnnamed(context: ObjectContext, section: ElfSection): never {
  const { elf } = context;
  const named = symbolsIn(context, section).find(({ type, name }) => type === 'notype' && name !== '');
  // Assemblers give labels no type unless they are told to.
  const problem =
    named === undefined
      ? `it holds instructions, and no symbol says what functions they are: ${REMEDY}`
      : `it holds instructions, and "${named.name}" is no function: say .type ${named.name}, @function and .size`;
  throw problemAt(elf, section, undefined, problem);
}
