import { allFunctions, findExported, isFunction } from '../../elf/functions.ts';
import { type ElfFile, type FunctionSymbol, findFunctions } from '../../elf/index.ts';
import { BpfError, didYouMean } from '../../errors/index.ts';
import { type ElfSymbols, withElfSymbols } from './elf-symbols.ts';

/** At most this many names are compared with a misspelled one. */
const COMPARED = 20_000;
/** A message lists at most this many functions of the same name. */
const LISTED = 8;

const hex = (offset: number): string => `0x${offset.toString(16)}`;

/**
 * Why a file has no function of a name, and what it has instead: the end of a sentence.
 *
 * @param near - finds names that look like it
 */
export function whyNoFunction(
  elf: ElfFile,
  name: string,
  near: (name: string, known: readonly string[]) => string = didYouMean,
): string {
  const names: string[] = [];
  for (const symbols of [elf.dynamicSymbols, elf.symbols]) {
    for (const symbol of symbols) if (isFunction(symbol)) names.push(symbol.name);
  }
  const [base = name] = name.split('@', 1);
  const versions = base === name ? [] : allFunctions(elf, base).map((found) => found.name);
  if (versions.length > 0) return `: it has ${versions.join(', ')}`;
  if (names.length > 0) return near(base, [...new Set(names)].slice(0, COMPARED));
  return elf.sections.length === 0
    ? ': it has no section headers, which say where its symbols are: give an offset in the file'
    : ': it was stripped of its symbols: give an offset in the file';
}

function ambiguous(found: readonly FunctionSymbol[], name: string, path: string): BpfError {
  const list = found
    .slice(0, LISTED)
    .map(
      ({ name: full, source, offset }) =>
        `${full}${source === undefined ? '' : ` (${source})`} at ${offset === undefined ? 'no offset' : hex(offset)}`,
    );
  if (found.length > LISTED) list.push(`${found.length - LISTED} more`);
  const distinct = new Set(found.map((each) => each.name)).size === found.length;
  return new BpfError(
    `Cannot tell which function "${name}" in ${path} is meant: there are ${found.length}: ${list.join(', ')}: ` +
      `give ${distinct ? 'one of these names, or ' : ''}the offset of one in the file instead of the name`,
    { code: 'ERR_BPF_AMBIGUOUS_SYMBOL' },
  );
}

/** Functions that a resolver may choose. Most are named after the function: `__strlen_avx2` for `strlen`. */
function implementations(elf: ElfFile, base: string): string[] {
  const names = elf.symbols
    .filter((symbol) => symbol.type === 'function' && isFunction(symbol) && symbol.name.includes(`${base}_`))
    .map(({ name }) => name);
  return [...new Set(names)].slice(0, 3);
}

function indirect(elf: ElfFile, { name, offset }: FunctionSymbol, path: string): BpfError {
  const [base = name] = name.split('@', 1);
  const known = implementations(elf, base).map((each) => `"${each}"`);
  const such = known.length === 0 ? '' : `, such as ${known.join(' or ')}`;
  const where = offset === undefined ? '' : ` (at offset ${hex(offset)})`;
  return new BpfError(
    `Cannot attach to function "${name}" in ${path}: it is an indirect function: its resolver${where} runs once, ` +
      `when a program starts, and chooses the function that is called: attach to that function${such}, by name or offset`,
    { code: 'ERR_BPF_INDIRECT_SYMBOL' },
  );
}

function offsetOf(symbols: ElfSymbols, name: string, path: string): number {
  const [only, other] = findExported(symbols.dynamic, name);
  if (only?.offset !== undefined && other === undefined && !only.indirect) return only.offset;
  const elf = symbols.all;
  const found = findFunctions(elf, name);
  const [first, second] = found;
  if (first === undefined) {
    throw new BpfError(`Cannot find function "${name}" in ${path}${whyNoFunction(elf, name)}`, {
      code: 'ERR_BPF_NO_SYMBOL',
    });
  }
  if (second !== undefined) throw ambiguous(found, name, path);
  if (first.indirect) throw indirect(elf, first, path);
  if (first.offset !== undefined) return first.offset;
  throw new BpfError(
    `Cannot find function "${name}" in ${path}: its address ${hex(first.address)} is not in a part of the file that ` +
      'can run: it is not a program or library, or its code was removed (a file of debug information)',
    { code: 'ERR_BPF_NO_SYMBOL' },
  );
}

/**
 * Finds where functions of an ELF program or library start, in bytes from the start of the file, as the kernel maps it.
 *
 * @param shown - the file in messages
 * @throws BpfError `ERR_BPF_NO_SYMBOL` if the file has no such function, `ERR_BPF_AMBIGUOUS_SYMBOL` if it has several,
 *   `ERR_BPF_INDIRECT_SYMBOL` if the function is chosen when a program starts; the file system's codes; FormatError
 */
export function functionOffsets(path: string, names: readonly string[], shown: string = path): number[] {
  if (names.length === 0) return [];
  return withElfSymbols(path, (symbols) => names.map((name) => offsetOf(symbols, name, shown)), shown);
}
