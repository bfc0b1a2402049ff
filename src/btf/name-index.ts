import { Buffer } from 'node:buffer';
import { equalsAt } from './strings.ts';
import { isDeclaration, kindOfInfo, type TypeIndex } from './type-index.ts';
import { BTF_KINDS, type BtfKind } from './types.ts';

const utf8 = new TextEncoder();
const UNDERSCORE = 0x5f;

/** Bytes of a name that its hash depends on; a bound, so that types sharing a long name cost no more. */
const HASHED_BYTES = 64;

/** Strings of a BTF and of those it continues: `at` finds the bytes a string offset means. */
export interface StringTable {
  /** String offset of the first byte of `bytes`. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The table that holds the offsets below `start`. */
  readonly base: StringTable | undefined;
}

/**
 * What is looked for: types as C knows them, or what only has a type: functions, variables, tags. Of those a kernel has
 * four times as many as of the others, so each has a table of its own.
 */
export type NamePart = 'type' | 'declaration';

/** Which part types of a kind belong to. */
export function partOf(kind: BtfKind): NamePart {
  return isDeclaration(kind) ? 'declaration' : 'type';
}

/**
 * Places in the strings to look up without the table of names: making it takes about as long as looking up
 * this many (2 or 8 ms against half of one each, for a kernel). A name has one place, and one more for every longer
 * name that ends with it.
 */
const PLACES_WITHOUT_TABLE: { readonly [part in NamePart]: number } = { type: 4, declaration: 16 };

interface Table {
  /** The types in it. */
  readonly indices: Uint32Array;
  /** Of each bucket the place in `indices` of the first type, plus one; 0 for none. */
  readonly heads: Int32Array;
  /** Of each place the next one in the same bucket, plus one. */
  readonly next: Int32Array;
  /** The types that have three underscores in a row within their names. */
  readonly flavoured: readonly number[];
}

/**
 * Finds types by name, comparing bytes, so that no string is made for a type nobody asks for. The first
 * few searches go through strings and types with the engine's own `indexOf`, which needs no warming up,
 * unless the name is the end of many others; then a chained hash table is made, in two Int32Arrays.
 */
export class NameIndex {
  readonly #words: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #named: Uint32Array;
  readonly #strings: StringTable;
  readonly #placesLeft = { ...PLACES_WITHOUT_TABLE };
  readonly #tables: { [part in NamePart]?: Table } = {};

  constructor(words: Uint32Array, { offsets, named }: TypeIndex, strings: StringTable) {
    this.#words = words;
    this.#offsets = offsets;
    this.#named = named;
    this.#strings = strings;
  }

  /** Indices of the types with this name, and of this part when one is given, in ascending order. */
  find(name: string, part?: NamePart): readonly number[] {
    if (name === '' || name.includes('\0')) return [];
    const wanted = utf8.encode(name);
    if (part !== undefined) return this.#findPart(wanted, part);
    const found = [...this.#findPart(wanted, 'type'), ...this.#findPart(wanted, 'declaration')];
    return found.sort((a, b) => a - b);
  }

  #findPart(wanted: Uint8Array, part: NamePart): number[] {
    if (this.#tables[part] === undefined) {
      const places = this.#places(wanted, part);
      if (places !== undefined) {
        const found = places.flatMap((at) => this.#namedAt(at));
        return found.filter((index) => partOf(this.#kindOf(index)) === part).sort((a, b) => a - b);
      }
    }
    const { indices, heads, next } = this.#tableOf(part);
    const found: number[] = [];
    let entry = heads[bucketOf(hashAt(wanted, 0), heads.length)] ?? 0;
    for (; entry !== 0; entry = next[entry - 1] ?? 0) {
      const index = indices[entry - 1] ?? 0;
      const nameOffset = this.#words[this.#offsets[index] ?? 0] ?? 0;
      const { bytes, start } = tableOf(this.#strings, nameOffset);
      if (equalsAt(bytes, nameOffset - start, wanted)) found.push(index);
    }
    return found;
  }

  /** Indices of the types (not declarations) that have three underscores in a row within their names; hardly any. */
  flavoured(): readonly number[] {
    return this.#tableOf('type').flavoured;
  }

  #tableOf(part: NamePart): Table {
    const table = this.#tables[part] ?? this.#makeTable(part);
    this.#tables[part] = table;
    return table;
  }

  #kindOf(index: number): BtfKind {
    return BTF_KINDS[kindOfInfo(this.#words[(this.#offsets[index] ?? 0) + 1] ?? 0)] ?? 'void';
  }

  /** String offsets at which this name stands, also as the end of a longer one; `undefined` when they are too many. */
  #places(wanted: Uint8Array, part: NamePart): number[] | undefined {
    const ended = new Uint8Array(wanted.length + 1);
    ended.set(wanted);
    const places: number[] = [];
    for (let table: StringTable | undefined = this.#strings; table !== undefined; table = table.base) {
      const bytes = Buffer.from(table.bytes.buffer, table.bytes.byteOffset, table.bytes.length);
      for (let at = bytes.indexOf(ended); at !== -1; at = bytes.indexOf(ended, at + 1)) {
        if (places.push(table.start + at) > this.#placesLeft[part]) return undefined;
      }
    }
    // A name that is not there costs a search as well.
    this.#placesLeft[part] -= Math.max(places.length, 1);
    return places;
  }

  /** Indices of the types whose name is at this string offset. */
  #namedAt(nameOffset: number): number[] {
    const found: number[] = [];
    const words = this.#words;
    for (let at = words.indexOf(nameOffset); at !== -1; at = words.indexOf(nameOffset, at + 1)) {
      const index = this.#typeAt(at);
      if (index !== -1) found.push(index);
    }
    return found;
  }

  /** Index of the type that begins at this word, or -1. */
  #typeAt(word: number): number {
    const offsets = this.#offsets;
    let low = 0;
    let high = offsets.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const offset = offsets[middle] as number;
      if (offset === word) return middle;
      if (offset < word) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Indices of the named types of a part. */
  #indicesOf(part: NamePart): Uint32Array {
    if (part === 'type') return this.#named;
    const [words, offsets] = [this.#words, this.#offsets];
    const wanted = Uint8Array.from(BTF_KINDS, (kind) => (isDeclaration(kind) ? 1 : 0));
    const found = new Uint32Array(offsets.length);
    let count = 0;
    for (let i = 0; i < offsets.length; i++) {
      const word = offsets[i] as number;
      if (wanted[((words[word + 1] as number) >>> 24) & 0x7f] === 1 && words[word] !== 0) found[count++] = i;
    }
    return found.subarray(0, count);
  }

  #makeTable(part: NamePart): Table {
    const [words, offsets] = [this.#words, this.#offsets];
    const { start, bytes } = this.#strings;
    const indices = this.#indicesOf(part);
    const heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(indices.length, 2))));
    const next = new Int32Array(indices.length);
    const flavoured: number[] = [];
    // Backwards, so that each chain ends up in ascending order.
    for (let i = indices.length - 1; i >= 0; i--) {
      const index = indices[i] as number;
      const nameOffset = words[offsets[index] as number] as number;
      const at = nameOffset - start;
      const hash = at >= 0 ? hashAt(bytes, at) : hashInBase(this.#strings, nameOffset);
      if (hasFlavour) flavoured.push(index);
      const bucket = bucketOf(hash, heads.length);
      next[i] = heads[bucket] as number;
      heads[bucket] = i + 1;
    }
    return { indices, heads, next, flavoured };
  }
}

/** @param size - a power of two */
function bucketOf(hash: number, size: number): number {
  return (hash ^ (hash >>> 15)) & (size - 1);
}

/** Whether the name that was hashed last has three underscores in a row: looked for in passing, as it costs little. */
let hasFlavour = false;

/** Hash of the string at `at`; that of the empty string when `at` lies outside. */
function hashAt(bytes: Uint8Array, at: number): number {
  hasFlavour = false;
  if (at >= bytes.length) return 0;
  let hash = 0;
  let underscores = 0;
  const end = Math.min(at + HASHED_BYTES, bytes.length);
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return hash;
    hash = (Math.imul(hash, 31) + byte) | 0;
    if (byte !== UNDERSCORE) underscores = 0;
    else if (++underscores === 3) hasFlavour = true;
  }
  // What is not hashed of a long name is taken to have them; who asks looks at the name itself.
  hasFlavour = true;
  return hash;
}

function hashInBase(strings: StringTable, offset: number): number {
  const table = tableOf(strings, offset);
  return hashAt(table.bytes, offset - table.start);
}

/** The table that holds this string offset, or the last one when none does. */
export function tableOf(strings: StringTable, offset: number): StringTable {
  let table = strings;
  while (offset < table.start && table.base !== undefined) table = table.base;
  return table;
}
