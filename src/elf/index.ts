/** A reader for ELF files of either class and byte order. Pure: importable on any operating system. */
export { BPF_RELOCATION, EM_BPF, ET_REL, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
export { ElfFile, type ElfParseOptions } from './elf-file.ts';
export { allFunctions, type FunctionSymbol, findExported, findFunctions, isFunction } from './functions.ts';
export { type ElfHeader, type HeaderTable, readHeader } from './header.ts';
export type { ElfLayout } from './layout.ts';
export type { ElfRelocation } from './relocations.ts';
export type { ElfSection } from './sections.ts';
export { type ElfSegment, offsetInFile } from './segments.ts';
export type { ElfSymbol, SymbolBinding, SymbolType, SymbolVisibility } from './symbols.ts';
export { type SymbolVersion, symbolVersions } from './versions.ts';
