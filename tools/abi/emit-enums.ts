import type { BtfEnum, BtfEnum64, BtfTypes } from '../../src/btf/index.ts';
import { ENUMS, type EnumEntry, FLAGS, type FlagEntry, HELPER_FLAGS } from './enum-list.ts';

type AnyEnum = BtfEnum | BtfEnum64;

/** The enums of a BTF by name. Anonymous enums: by each of their members. */
export class EnumFinder {
  readonly #found = new Map<string, AnyEnum>();

  constructor(types: BtfTypes) {
    for (const type of types) {
      if (type.kind !== 'enum' && type.kind !== 'enum64') continue;
      if (type.name !== '') this.#add(type.name, type);
      for (const { name } of type.values) this.#add(name, type);
    }
  }

  find(name: string): AnyEnum {
    const type = this.#found.get(name);
    if (type === undefined) throw new Error(`no enum ${name} in the kernel's BTF`);
    return type;
  }

  #add(key: string, type: AnyEnum): void {
    if (!this.#found.has(key)) this.#found.set(key, type);
  }
}

/** Members that mark the end, such as `__MAX_BPF_MAP_TYPE`. */
const SENTINEL = /^__|^MAX_|_MAX_STATES$|_NUMHOOKS$/;

/** The files of the flags' numbers. Few processes need those of helpers. */
const FLAG_FILES = new Map([
  ['flags', FLAGS],
  ['helper-flags', HELPER_FLAGS],
]);

/** The source of each generated file of tables, by file name without `.ts`. */
export function emitEnums(finder: EnumFinder): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of ENUMS) {
    files.set(entry.file, (files.get(entry.file) ?? '') + emitTable(entry, finder.find(entry.find)));
  }
  const imports = `import { type NameTable, nameTable } from '../name-table.ts';\n`;
  for (const [file, text] of files) files.set(file, imports + text);
  for (const [file, entries] of FLAG_FILES) {
    const texts = entries.map((entry) => emitFlags(entry, finder.find(entry.find)));
    files.set(file, texts.join('').trimStart());
  }
  files.set('flag-tables', emitFlagTables());
  return files;
}

/** Tables of the flags, apart from their numbers: few processes need any. */
function emitFlagTables(): string {
  const withTable = (entries: readonly FlagEntry[]): FlagEntry[] =>
    entries.filter(({ constant }) => constant.endsWith('Flags'));
  return [
    `import { type FlagTable, flagTable } from '../flag-table.ts';`,
    ...[...FLAG_FILES].flatMap(([file, entries]) => [
      'import {',
      ...withTable(entries)
        .map(({ constant }) => `  ${constant},`)
        .sort(),
      `} from './${file}.ts';`,
    ]),
    ...withTable([...FLAGS, ...HELPER_FLAGS]).map(({ constant, what, prefixes }) => {
      const single = constant.replace(/s$/, '');
      const type = single.charAt(0).toUpperCase() + single.slice(1);
      const words = single.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const prefix =
        prefixes.length === 1 ? `'${prefixes[0]}'` : `[${prefixes.map((one) => `'${one}'`).join(', ')}]`;
      return [
        '',
        `/** Name of one of these: ${lowerFirst(what)}. */`,
        `export type ${type} = keyof typeof ${constant};`,
        '',
        `/** Names and bits: ${lowerFirst(what)}. */`,
        `export const ${single}Table: FlagTable<${type}> = flagTable<${type}>({`,
        `  what: '${words}',`,
        `  prefix: ${prefix},`,
        `  numbers: ${constant},`,
        '});',
      ].join('\n');
    }),
  ].join('\n');
}

function emitTable(entry: EnumEntry, type: AnyEnum): string {
  const values = type.values.map(({ name, value }) => ({ name, value: Number(value) }));
  const end = values.find(({ name }) => SENTINEL.test(name));
  const valid = values.filter(({ name, value }) => !SENTINEL.test(name) && value < (end?.value ?? Infinity));
  // If a number has several names, the first counts, unless it says that it is deprecated.
  const names = new Map<number, string>();
  const rest: [string, number][] = [];
  for (const pass of [false, true]) {
    for (const { name, value } of valid) {
      if (name.endsWith('_DEPRECATED') !== pass) continue;
      const plain = shorten(name, [entry.prefix]);
      if (names.has(value)) rest.push([plain, value]);
      else names.set(value, plain);
    }
  }
  const sorted = [...names].sort(([a], [b]) => a - b);
  const max = end?.value ?? Math.max(...names.keys()) + 1;
  const numbers = `${lowerFirst(entry.type)}Numbers`;
  const aliases = rest.map(([alias, value]) => `${alias}: '${names.get(value)}'`);
  return [
    '',
    `const ${numbers} = {`,
    ...sorted.map(([value, name]) => `  ${name}: ${value},`),
    '} as const;',
    '',
    `/** Name of a ${entry.what} (${describe(entry.find, type)}). */`,
    `export type ${entry.type} = keyof typeof ${numbers};`,
    '',
    `/** Names and numbers: ${entry.what} (${describe(entry.find, type)}). */`,
    `export const ${entry.constant}: NameTable<${entry.type}> = nameTable<${entry.type}>({`,
    `  what: '${entry.what}',`,
    `  prefix: '${entry.prefix}',`,
    `  max: ${max},`,
    `  numbers: ${numbers},`,
    ...(aliases.length === 0 ? [] : [`  aliases: { ${aliases.join(', ')} },`]),
    '});',
    '',
  ].join('\n');
}

function emitFlags(entry: FlagEntry, type: AnyEnum): string {
  // If an enum is named by a member that stands apart, such as a flag beside numbers, take only that member.
  const apart = ENUMS.some(({ find }) => find === type.name);
  const values = new Map<string, number | bigint>();
  for (const { name, value } of type.values) {
    if (apart && name !== entry.find) continue;
    const plain = shorten(name, entry.prefixes);
    // One more than the last, and another number in every kernel.
    if (plain === 'max') continue;
    if ((values.get(plain) ?? value) !== value) throw new Error(`${entry.constant} has ${plain} twice`);
    values.set(plain, value);
  }
  return [
    '',
    `/** ${entry.what} (${describe(entry.find, type)}). */`,
    `export const ${entry.constant} = {`,
    ...[...values].map(([name, value]) => `  ${name}: ${literal(value)},`),
    '} as const;',
    '',
  ].join('\n');
}

function shorten(name: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((start) => name.startsWith(start)) ?? '';
  const plain = name.slice(prefix.length).toLowerCase();
  return /^[a-z_]/.test(plain) ? plain : `'${plain}'`;
}

function describe(find: string, type: AnyEnum): string {
  return type.name === '' ? `the enum of ${find}` : `enum ${type.name}`;
}

function literal(value: number | bigint): string {
  return Number.isSafeInteger(Number(value)) ? `${value}` : `${value}n`;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
