import { didYouMean, seen, wrongType } from '../errors/index.ts';

/**
 * One enum of the kernel's BPF interface: its names, as bpffs options and bpftool write them (lower
 * case, without the kernel's prefix), and its numbers. Iterating gives pairs of a name and its number.
 */
export interface NameTable<N extends string> extends Iterable<readonly [name: N, number: number]> {
  /** What the names stand for, such as `map type`. */
  readonly what: string;
  /** Every valid name, in the order of the numbers, including `unspec` if the kernel has it. */
  readonly names: readonly N[];
  /** The first number that is not valid: the kernel's `__MAX_...` value. For flags: the first bit above all others. */
  readonly max: number;
  /** The number of a name. @throws TypeError if there is no such name; it gives the nearest ones */
  number(name: N): number;
  /** The name of a number; `undefined` if it is newer than this library. @throws TypeError if it is not a number */
  name(number: number): N | undefined;
  /**
   * The name that `text` means. Upper and lower case are accepted, with or without the kernel's prefix, and also other
   * names that the kernel has for the same number.
   *
   * @throws TypeError if there is no such name; it gives the nearest ones
   */
  parse(text: string): N;
  /** Whether this is one of {@link names}. */
  has(name: string): name is N;
}

/** What a {@link NameTable} is made from. */
export interface NameTableInit<N extends string> {
  readonly what: string;
  /** The kernel's prefix, such as `BPF_MAP_TYPE_`; several if the names have different ones, the longest first. */
  readonly prefix: string | readonly string[];
  readonly max: number;
  /** In the order of the numbers. */
  readonly numbers: { readonly [name in N]: number };
  /** Other names for the same number. */
  readonly aliases?: { readonly [alias: string]: N } | undefined;
}

/** Makes the table of one enum. */
export function nameTable<N extends string>(init: NameTableInit<N>): NameTable<N> {
  const { what, max } = init;
  const { numbers, aliases = {} } = init;
  const names = Object.freeze(Object.keys(numbers) as N[]);
  // Made on first use: every process that imports the package has all tables, and uses few of them.
  let byNumber: ReadonlyMap<number, N> | undefined;

  const has = (name: string): name is N => Object.hasOwn(numbers, name);
  const lookup = (word: string): N | undefined => {
    if (has(word)) return word;
    return Object.hasOwn(aliases, word) ? aliases[word] : undefined;
  };
  const unknown = (text: unknown): TypeError =>
    typeof text === 'string'
      ? new TypeError(`Unknown ${what} "${text}"${didYouMean(withoutPrefix(text.toLowerCase()), names)}`)
      : new TypeError(`Unknown ${what}: a name must be a string, got ${seen(text)}`);
  const withoutPrefix = (word: string): string => {
    const prefixes = typeof init.prefix === 'string' ? [init.prefix] : init.prefix;
    const found = prefixes.find((prefix) => word.startsWith(prefix.toLowerCase()));
    return word.slice(found?.length ?? 0);
  };

  return Object.freeze({
    what,
    names,
    max,
    has,
    number(name: N): number {
      if (!has(name)) throw unknown(name);
      return numbers[name];
    },
    name(number: number): N | undefined {
      if (typeof number !== 'number') throw wrongType(`number of a ${what}`, 'a number', number);
      // The first name of a number counts, so the last one is put in first.
      byNumber ??= new Map(names.toReversed().map((name) => [numbers[name], name]));
      return byNumber.get(number);
    },
    parse(text: string): N {
      if (typeof text !== 'string') throw unknown(text);
      const word = text.trim().toLowerCase();
      const name = lookup(word) ?? lookup(withoutPrefix(word));
      if (name === undefined) throw unknown(text);
      return name;
    },
    *[Symbol.iterator](): Generator<readonly [name: N, number: number], void> {
      for (const name of names) yield [name, numbers[name]];
    },
  });
}

/** A number of the kernel that this version of the library has no name for, as text: `34`. */
export type NumberText = `${number}`;

/** The name of a number, or the number as text if it has no name, so that nothing is lost. */
export function nameOrNumber<N extends string>(table: NameTable<N>, number: number): N | NumberText {
  return table.name(number) ?? `${number}`;
}

/** The number for what {@link nameOrNumber} returned. */
export function numberOf<N extends string>(table: NameTable<N>, name: N | NumberText): number {
  return table.has(name) ? table.number(name) : Number(name);
}
