import { ByteReader } from '../bytes/index.ts';
import { SECTION_TYPE } from './constants.ts';
import type { ElfFile } from './elf-file.ts';
import type { ElfSection } from './sections.ts';
import { StringTable } from './strings.ts';

/** The version of a dynamic symbol, as in `sched_setaffinity@GLIBC_2.3.3`. */
export interface SymbolVersion {
  readonly name: string;
  /** Whether the name alone means this version (`NAME@@VERSION`). The others are for programs linked earlier. */
  readonly isDefault: boolean;
}

/** The bit of a version's number that means "not the default". */
const HIDDEN = 0x8000;
/** Lower numbers are not versions: they mark a local symbol, or a global one without a version. */
const FIRST_VERSION = 2;
const DEFINITION_SIZE = 20;

/** The names of the versions that a library defines, by number. */
function definedVersions(table: ElfSection, elf: ElfFile): Map<number, string> {
  const { file, littleEndian, sections } = elf;
  const reader = new ByteReader(table.data, { littleEndian, file, section: table.name });
  const strings = sections[table.link];
  if (strings?.type !== SECTION_TYPE.strtab) {
    throw reader.error(`names are in section ${table.link}, which is not a string table`, 0);
  }
  const names = new StringTable(strings.data, strings.name, file);
  const found = new Map<number, string>();
  // Each entry gives the distance to the next. No more are read than fit beside each other.
  let left = Math.floor(table.data.length / DEFINITION_SIZE);
  for (let at = 0; left > 0; left--) {
    const number = reader.seek(at).skip(4).u16();
    const parts = reader.u16();
    const [first, next] = [reader.skip(4).u32(), reader.u32()];
    // The first part is the version's own name. The others name versions that it includes.
    if (parts > 0) found.set(number & ~HIDDEN, names.at(reader.seek(at + first).u32()));
    if (next === 0) break;
    at += next;
  }
  return found;
}

/**
 * The versions of the dynamic symbols by their index, from the sections .gnu.version and .gnu.version_d. `undefined`
 * for symbols without a version, and for those of other libraries.
 *
 * @throws FormatError when the sections are malformed
 */
export function symbolVersions(elf: ElfFile): readonly (SymbolVersion | undefined)[] {
  const numbers = elf.sections.find(({ type }) => type === SECTION_TYPE.versym);
  const definitions = elf.sections.find(({ type }) => type === SECTION_TYPE.verdef);
  if (numbers === undefined || definitions === undefined) return [];
  const names = definedVersions(definitions, elf);
  const { littleEndian, file } = elf;
  const reader = new ByteReader(numbers.data, { littleEndian, file, section: numbers.name });
  const versions: (SymbolVersion | undefined)[] = [];
  while (reader.remaining >= 2) {
    const number = reader.u16();
    const name = (number & ~HIDDEN) < FIRST_VERSION ? undefined : names.get(number & ~HIDDEN);
    versions.push(name === undefined ? undefined : { name, isDefault: (number & HIDDEN) === 0 });
  }
  return versions;
}
