import { checkString, wrongType } from '../errors/index.ts';
import { SECTION_INDEX, STT_GNU_IFUNC } from './constants.ts';
import { ElfFile } from './elf-file.ts';
import { offsetInFile } from './segments.ts';
import type { ElfSymbol } from './symbols.ts';
import { type SymbolVersion, symbolVersions } from './versions.ts';

/** A function that matches a name. */
export interface FunctionSymbol {
  /** With its version, if it has one: `NAME@VERSION`, or `NAME@@VERSION` for the default version. */
  readonly name: string;
  readonly address: number;
  /** Where it starts in the file. `undefined` if its address is in no executable part of the file. */
  readonly offset: number | undefined;
  /** Its source file, for functions that only that file can call. */
  readonly source: string | undefined;
  /** Whether the address is that of a resolver, which chooses the function when a program starts (STT_GNU_IFUNC). */
  readonly indirect: boolean;
}

/** A name in one of its forms: `NAME`, `NAME@VERSION`, `NAME@@VERSION`. */
interface VersionedName {
  readonly base: string;
  readonly version: SymbolVersion | undefined;
}

function splitVersion(name: string): VersionedName {
  const at = name.indexOf('@', 1);
  if (at === -1 || at === name.length - 1) return { base: name, version: undefined };
  const isDefault = name[at + 1] === '@';
  const version = name.slice(isDefault ? at + 2 : at + 1);
  return { base: name.slice(0, at), version: { name: version, isDefault } };
}

const joinVersion = ({ base, version }: VersionedName): string =>
  version === undefined ? base : `${base}${version.isDefault ? '@@' : '@'}${version.name}`;

/** Whether a symbol is a function in this file. */
export function isFunction({ type, sectionIndex }: ElfSymbol): boolean {
  return (type === 'function' || type === STT_GNU_IFUNC) && sectionIndex !== SECTION_INDEX.undefined;
}

interface Match extends VersionedName {
  readonly symbol: ElfSymbol;
  readonly source?: string | undefined;
}

function* exported(elf: ElfFile, base: string): Iterable<Match> {
  let versions: readonly (SymbolVersion | undefined)[] | undefined;
  for (const symbol of elf.dynamicSymbols) {
    if (symbol.name !== base || !isFunction(symbol)) continue;
    versions ??= symbolVersions(elf);
    yield { base, version: versions[symbol.index], symbol };
  }
}

/** The functions of the larger table. Exported ones get the version that they have in the dynamic table. */
function* others(elf: ElfFile, base: string, known: readonly Match[]): Iterable<Match> {
  let source: string | undefined;
  for (const symbol of elf.symbols) {
    // The local symbols of a source file follow its name.
    if (symbol.type === 'file') source = symbol.name;
    if (!symbol.name.startsWith(base) || !isFunction(symbol)) continue;
    const found = splitVersion(symbol.name);
    if (found.base !== base) continue;
    if (known.some((match) => match.symbol.value === symbol.value)) continue;
    yield { ...found, symbol, source: symbol.binding === 'local' ? source : undefined };
  }
}

/** The functions that the name alone means: the default version, or one without versions that other files can call. */
const isPublic = ({ version, symbol }: Match): boolean =>
  (version === undefined || version.isDefault) && symbol.binding !== 'local';

/** The matches that a version, or the name alone, selects. */
function meant(matches: readonly Match[], version: SymbolVersion | undefined): Match[] {
  if (version === undefined) return matches.filter(isPublic);
  return matches.filter(
    (match) => match.version?.name === version.name && (match.version.isDefault || !version.isDefault),
  );
}

function matching(elf: ElfFile, { base, version }: VersionedName): Match[] {
  const known = [...exported(elf, base)];
  // Exported functions decide. So a stripped file, which lacks the larger table, gives the same answer.
  const decided = meant(known, version);
  if (decided.length > 0) return decided;
  const all = [...known, ...others(elf, base, known)];
  const found = meant(all, version);
  return found.length > 0 || version !== undefined ? found : all;
}

/**
 * What {@link findFunctions} finds among the dynamic symbols alone. If it finds something, the larger table would
 * change nothing.
 */
export function findExported(elf: ElfFile, name: string): FunctionSymbol[] {
  const { base, version } = splitVersion(name);
  return describe(elf, meant([...exported(elf, base)], version));
}

/**
 * The functions that a name means: one, none, or several if the name does not say which. Names of the same address
 * count once.
 *
 * A name alone means what other files get under it: the default version (`NAME@@VERSION`), or the function without a
 * version. If other files can call none, the name means all functions of that name in the file: static ones, and
 * versions kept for programs linked earlier. `NAME@VERSION` means that version. `NAME@@VERSION` means it only if it is
 * the default.
 *
 * @throws FormatError when the symbols, versions or program headers are malformed; TypeError
 */
export function findFunctions(elf: ElfFile, name: string): FunctionSymbol[] {
  if (!(elf instanceof ElfFile)) throw wrongType('findFunctions: elf', 'an ElfFile', elf);
  checkString('findFunctions: name', name);
  return describe(elf, matching(elf, splitVersion(name)));
}

/** All functions of a name: exported or not, of any version. @throws FormatError like {@link findFunctions} */
export function allFunctions(elf: ElfFile, base: string): FunctionSymbol[] {
  const known = [...exported(elf, base)];
  return describe(elf, [...known, ...others(elf, base, known)]);
}

/**
 * All functions whose names match, without their versions: exported or not, of any version. Names of the same address
 * count once.
 *
 * @throws FormatError like {@link findFunctions}
 */
export function allFunctionsMatching(elf: ElfFile, matches: (name: string) => boolean): FunctionSymbol[] {
  const found: Match[] = [];
  for (const symbols of [elf.dynamicSymbols, elf.symbols]) {
    for (const symbol of symbols) {
      if (!isFunction(symbol)) continue;
      const { base, version } = splitVersion(symbol.name);
      if (matches(base)) found.push({ base, version, symbol });
    }
  }
  return describe(elf, found);
}

function describe(elf: ElfFile, matches: readonly Match[]): FunctionSymbol[] {
  const found = new Map<number, FunctionSymbol>();
  for (const match of matches) {
    const { value: address, type } = match.symbol;
    if (found.has(address)) continue;
    found.set(address, {
      name: joinVersion(match),
      address,
      offset: offsetInFile(elf.segments, address),
      source: match.source,
      indirect: type === STT_GNU_IFUNC,
    });
  }
  return [...found.values()].sort((a, b) => a.address - b.address);
}
