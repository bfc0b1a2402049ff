/** A reader for 64-bit ELF files of either byte order. Pure: importable on any operating system. */
export { BPF_RELOCATION, EM_BPF, ET_REL, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
export { ElfFile, type ElfParseOptions } from './elf-file.ts';
export type { ElfRelocation } from './relocations.ts';
export type { ElfSection } from './sections.ts';
export type { ElfSymbol, SymbolBinding, SymbolType, SymbolVisibility } from './symbols.ts';
