import { equalsAt } from './strings.ts';

const utf8 = new TextEncoder();

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
 * Searches after which the table of names pays: making it takes about as long as this many walks over
 * the types of a kernel (10 ms against 0.3 ms each, the first one 1 ms).
 */
const SEARCHES_WITHOUT_TABLE = 32;

interface Table {
  /** First type of each bucket, plus one; 0 for none. */
  readonly heads: Int32Array;
  /** Next type in the same bucket, plus one. */
  readonly next: Int32Array;
}

/**
 * Finds types by name, comparing bytes, so that no string is made for a type nobody asks for. The first
 * few searches walk over all types; then a chained hash table is made, in two Int32Arrays.
 */
export class NameIndex {
  readonly #words: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #strings: StringTable;
  #searches = 0;
  #table: Table | undefined;

  /** @param offsets - word offset of each type */
  constructor(words: Uint32Array, offsets: Uint32Array, strings: StringTable) {
    this.#words = words;
    this.#offsets = offsets;
    this.#strings = strings;
  }

  /** Index of the first type called `name` after type index `after` (-1 to begin), or -1. */
  find(name: string, after: number): number {
    const wanted = utf8.encode(name);
    if (wanted.length === 0) return -1;
    if (this.#table === undefined) {
      if (after === -1) this.#searches++;
      if (this.#searches <= SEARCHES_WITHOUT_TABLE) return this.#walk(wanted, after);
      this.#table = this.#makeTable();
    }
    const { heads, next } = this.#table;
    const hash = hashAt(wanted, 0);
    let entry = heads[(hash ^ (hash >>> 15)) & (heads.length - 1)] ?? 0;
    for (; entry !== 0; entry = next[entry - 1] ?? 0) {
      if (entry - 1 > after && this.#isCalled(entry - 1, wanted)) return entry - 1;
    }
    return -1;
  }

  #walk(wanted: Uint8Array, after: number): number {
    const words = this.#words;
    const offsets = this.#offsets;
    const { start, bytes, base } = this.#strings;
    const first = wanted[0];
    const { length } = wanted;
    for (let i = after + 1; i < offsets.length; i++) {
      const at = (words[offsets[i] as number] as number) - start;
      // Nearly all types are told apart by the first byte and by where the name ends.
      if (at < 0 ? base === undefined : bytes[at] !== first || bytes[at + length] !== 0) continue;
      if (this.#isCalled(i, wanted)) return i;
    }
    return -1;
  }

  #isCalled(index: number, wanted: Uint8Array): boolean {
    const nameOffset = this.#words[this.#offsets[index] ?? 0] ?? 0;
    const { bytes, start } = tableOf(this.#strings, nameOffset);
    return equalsAt(bytes, nameOffset - start, wanted);
  }

  #makeTable(): Table {
    const words = this.#words;
    const offsets = this.#offsets;
    const { start, bytes } = this.#strings;
    const mask = 2 ** Math.ceil(Math.log2(Math.max(offsets.length, 2))) - 1;
    const heads = new Int32Array(mask + 1);
    const next = new Int32Array(offsets.length);
    // Backwards, so that each chain ends up in ascending order.
    for (let i = offsets.length - 1; i >= 0; i--) {
      const nameOffset = words[offsets[i] as number] as number;
      if (nameOffset === 0) continue;
      const at = nameOffset - start;
      const hash = at >= 0 ? hashAt(bytes, at) : hashInBase(this.#strings, nameOffset);
      const bucket = (hash ^ (hash >>> 15)) & mask;
      next[i] = heads[bucket] as number;
      heads[bucket] = i + 1;
    }
    return { heads, next };
  }
}

/** Hash of the string at `at`; that of the empty string when `at` lies outside. */
function hashAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return 0;
  let hash = 0;
  const end = Math.min(at + HASHED_BYTES, bytes.length);
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
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
