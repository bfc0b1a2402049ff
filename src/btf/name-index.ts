import { Buffer } from 'node:buffer';
import { beginsWith } from './strings.ts';
import { isDeclaration, kindOfInfo, type TypeIndex } from './type-index.ts';
import { BTF_KINDS, type BtfKind } from './types.ts';

/** How many bytes of a name its hash depends on. The limit keeps types that share a long name from costing more. */
const HASHED_BYTES = 64;

/** Names are told apart by this many bytes without a table. Shorter names, with their NUL, need the table. */
const KEY_BYTES = 4;

/** Strings of a BTF and of those it continues: `at` finds the bytes a string offset means. */
export interface StringTable {
  /** String offset of the first byte of `bytes`. */
  readonly start: number;
  readonly bytes: Buffer;
  /** The same with a character for each byte, if such a text exists. */
  readonly text: string | undefined;
  /** The table that holds the offsets below `start`. */
  readonly base: StringTable | undefined;
}

/**
 * What to look for: types as C knows them, or things that only have a type: functions, variables, tags. A kernel has
 * four times as many of these, so each part has its own table.
 */
export type BtfNamePart = 'type' | 'declaration';

/** The part that types of a kind belong to. */
export function partOf(kind: BtfKind): BtfNamePart {
  return isDeclaration(kind) ? 'declaration' : 'type';
}

/**
 * How many searches do without the table of names. Making the table takes as long as this many other searches (2 or 8
 * ms for a kernel). Declarations are searched in the strings: half a millisecond for each place where the name stands.
 * That is one place, and one more for every longer name that ends with it. Types are told apart by their first bytes.
 */
const WITHOUT_TABLE: { readonly [part in BtfNamePart]: number } = { type: 128, declaration: 16 };

interface Table {
  /** The first words of the types in it. */
  readonly starts: Uint32Array;
  /** For each bucket: the place in `starts` of the first type, plus one; 0 for none. */
  readonly heads: Int32Array;
  /** For each place: the next one in the same bucket, plus one. */
  readonly next: Int32Array;
}

/**
 * Finds types by name by comparing bytes, so that no string is made for a type nobody asks for. The first searches use
 * the engine's own `indexOf`, which needs no warming up: in the strings, or in a list of the first bytes of each name.
 * A caller that asks for many names gets a chained hash table, in two Int32Arrays.
 */
export class NameIndex {
  readonly #words: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #named: Uint32Array;
  readonly #strings: StringTable;
  readonly #left = { ...WITHOUT_TABLE };
  readonly #tables: { [part in BtfNamePart]?: Table } = {};
  readonly #found = {
    type: new Map<string, readonly number[]>(),
    declaration: new Map<string, readonly number[]>(),
  };
  /** For each named type: the first bytes of its name, its NUL, and what follows that. */
  #beginnings: Int32Array | undefined;

  constructor(words: Uint32Array, { offsets, named }: TypeIndex, strings: StringTable) {
    this.#words = words;
    this.#offsets = offsets;
    this.#named = named;
    this.#strings = strings;
  }

  /** Indices of the types with this name, and of this part if you give one, in ascending order. */
  find(name: string, part?: BtfNamePart): readonly number[] {
    if (part === undefined) {
      return [...this.find(name, 'type'), ...this.find(name, 'declaration')].sort((a, b) => a - b);
    }
    const known = this.#found[part].get(name);
    if (known !== undefined) return known;
    const found = name === '' || name.includes('\0') ? [] : this.#findPart(Buffer.from(`${name}\0`), part);
    this.#found[part].set(name, found);
    return found;
  }

  /** Indices of the types (not declarations) whose names begin with these bytes, four or more. In ascending order. */
  beginningWith(beginning: string): number[] {
    return this.#search(Buffer.from(beginning));
  }

  /** @param wanted - the name and its NUL */
  #findPart(wanted: Buffer, part: BtfNamePart): readonly number[] {
    if (this.#tables[part] === undefined) {
      if (part === 'type' && wanted.length >= KEY_BYTES && this.#left.type-- > 0) return this.#search(wanted);
      const places = part === 'declaration' ? this.#places(wanted) : undefined;
      if (places !== undefined) {
        const found = places.flatMap((at) => this.#namedAt(at));
        return found.filter((index) => partOf(this.#kindOf(index)) === part).sort((a, b) => a - b);
      }
    }
    const { starts, heads, next } = this.#tableOf(part);
    const found: number[] = [];
    let entry = heads[bucketOf(hashAt(wanted, 0), heads.length)] ?? 0;
    for (; entry !== 0; entry = next[entry - 1] ?? 0) {
      const start = starts[entry - 1] ?? 0;
      if (this.#beginsWith(start, wanted)) found.push(this.#typeAt(start));
    }
    return found;
  }

  /** Indices of the types whose names and NULs begin with these bytes, {@link KEY_BYTES} or more; in ascending order. */
  #search(wanted: Buffer): number[] {
    this.#beginnings ??= this.#findBeginnings();
    const beginnings = this.#beginnings;
    const key = keyAt(wanted, 0);
    const found: number[] = [];
    for (let i = beginnings.indexOf(key); i !== -1; i = beginnings.indexOf(key, i + 1)) {
      const start = this.#named[i] as number;
      if (this.#beginsWith(start, wanted)) found.push(this.#typeAt(start));
    }
    return found;
  }

  #findBeginnings(): Int32Array {
    const [words, named, strings] = [this.#words, this.#named, this.#strings];
    const { start, bytes } = strings;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = bytes.length - KEY_BYTES;
    const count = named.length;
    const beginnings = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const nameOffset = words[named[i] as number] as number;
      const at = nameOffset - start;
      if (at < 0 || at > last) {
        const table = tableOf(strings, nameOffset);
        beginnings[i] = keyAt(table.bytes, nameOffset - table.start);
        continue;
      }
      beginnings[i] = view.getInt32(at, true);
    }
    return beginnings;
  }

  /** Whether the name of the type that begins at this word begins with these bytes. */
  #beginsWith(word: number, wanted: Uint8Array): boolean {
    const nameOffset = this.#words[word] ?? 0;
    const { bytes, start } = tableOf(this.#strings, nameOffset);
    return beginsWith(bytes, nameOffset - start, wanted);
  }

  #tableOf(part: BtfNamePart): Table {
    const table = this.#tables[part] ?? this.#makeTable(part);
    this.#tables[part] = table;
    return table;
  }

  #kindOf(index: number): BtfKind {
    return BTF_KINDS[kindOfInfo(this.#words[(this.#offsets[index] ?? 0) + 1] ?? 0)] ?? 'void';
  }

  /** String offsets of this name and its NUL, also as the end of a longer name. `undefined` if there are too many. */
  #places(wanted: Buffer): number[] | undefined {
    const places: number[] = [];
    for (let table: StringTable | undefined = this.#strings; table !== undefined; table = table.base) {
      const { bytes } = table;
      for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) {
        if (places.push(table.start + at) > this.#left.declaration) return undefined;
      }
    }
    // A search for a missing name costs time as well.
    this.#left.declaration -= Math.max(places.length, 1);
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

  /** The first words of the named types of a part. */
  #startsOf(part: BtfNamePart): Uint32Array {
    if (part === 'type') return this.#named;
    const [words, offsets] = [this.#words, this.#offsets];
    const wanted = Uint8Array.from(BTF_KINDS, (kind) => (isDeclaration(kind) ? 1 : 0));
    const found = new Uint32Array(offsets.length);
    let count = 0;
    for (let i = 0; i < offsets.length; i++) {
      const word = offsets[i] as number;
      if (wanted[((words[word + 1] as number) >>> 24) & 0x7f] === 1 && words[word] !== 0)
        found[count++] = word;
    }
    return found.subarray(0, count);
  }

  #makeTable(part: BtfNamePart): Table {
    const words = this.#words;
    const { start, bytes } = this.#strings;
    const starts = this.#startsOf(part);
    const heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(starts.length, 2))));
    const next = new Int32Array(starts.length);
    // Backwards, so that each chain ends up in ascending order.
    for (let i = starts.length - 1; i >= 0; i--) {
      const nameOffset = words[starts[i] as number] as number;
      const at = nameOffset - start;
      const hash = at >= 0 ? hashAt(bytes, at) : hashInBase(this.#strings, nameOffset);
      const bucket = bucketOf(hash, heads.length);
      next[i] = heads[bucket] as number;
      heads[bucket] = i + 1;
    }
    return { starts, heads, next };
  }
}

/** @param size - a power of two */
function bucketOf(hash: number, size: number): number {
  return (hash ^ (hash >>> 15)) & (size - 1);
}

/** Hash of the string at `at`. If `at` lies outside: that of the empty string. */
function hashAt(bytes: Uint8Array, at: number): number {
  const end = Math.min(at + HASHED_BYTES, bytes.length);
  let hash = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === 0) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

/** The {@link KEY_BYTES} at `at`, with zeros after the last existing byte. */
function keyAt(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let i = 0; i < KEY_BYTES; i++) key |= (bytes[at + i] ?? 0) << (8 * i);
  return key;
}

function hashInBase(strings: StringTable, offset: number): number {
  const table = tableOf(strings, offset);
  return hashAt(table.bytes, offset - table.start);
}

/** The table that holds this string offset, or the last one if none does. */
export function tableOf(strings: StringTable, offset: number): StringTable {
  let table = strings;
  while (offset < table.start && table.base !== undefined) table = table.base;
  return table;
}
