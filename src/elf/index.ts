/** A reader for ELF files of either class and byte order. Pure: importable on any operating system. */
export { BpfError, FormatError } from '../errors/index.ts';
export { BPF_RELOCATION, EM_BPF, ET_REL, SECTION_INDEX, SECTION_TYPE } from './constants.ts';
export { ElfFile, type ElfParseOptions } from './elf-file.ts';
export { type FunctionSymbol, findFunctions } from './functions.ts';
export type { ElfLayout } from './layout.ts';
export type { ElfRelocation } from './relocations.ts';
export type { ElfSection } from './sections.ts';
export type { ElfSegment } from './segments.ts';
export type { ElfSymbol, SymbolBinding, SymbolType, SymbolVisibility } from './symbols.ts';
export { parseUsdtArguments, type UsdtArgument, type UsdtPlace } from './usdt-arguments.ts';
export { type UsdtProbe, usdtProbes } from './usdt-probes.ts';
