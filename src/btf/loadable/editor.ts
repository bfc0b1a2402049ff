import { Buffer } from 'node:buffer';
import { HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import { BTF_HEADER_LENGTH, BTF_MAGIC, BTF_VERSION } from '../header.ts';
import { kindOfInfo, lengthOfInfo, TYPE_WORDS } from '../type-index.ts';
import { BTF_KINDS, type BtfKind } from '../types.ts';

const FLAG = 0x8000_0000;

/**
 * BTF whose types are changed in place. Type numbers and string offsets stay the same, because other data refers to
 * them. New types and strings go to the end.
 */
export class BtfEditor {
  readonly types: BtfTypes;
  /** Header, types and strings. All of the BTF if nothing was added. */
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #strings: Uint8Array;
  readonly #moreWords: number[] = [];
  readonly #moreStrings: number[] = [];
  /** The first word of each type that was added. */
  readonly #moreStarts: number[] = [];

  /** @param types - BTF without a base */
  constructor(types: BtfTypes) {
    this.types = types;
    const { words, starts, strings } = types.parts();
    const { bytes, types: copied, strings: copiedStrings } = room(words.length, strings.length);
    copied.set(words);
    copiedStrings.set(strings);
    this.#bytes = bytes;
    this.#words = copied;
    this.#starts = starts;
    this.#strings = copiedStrings;
  }

  /** Number of types, including the added ones. */
  get count(): number {
    return this.#starts.length + this.#moreStarts.length;
  }

  kind(id: number): BtfKind {
    return BTF_KINDS[kindOfInfo(this.word(id, 1))] ?? 'void';
  }

  /** Number of members, parameters and the like. For functions: their linkage. */
  length(id: number): number {
    return lengthOfInfo(this.word(id, 1));
  }

  flag(id: number): boolean {
    return this.word(id, 1) >= FLAG;
  }

  /** A word of a type: 0 is the name, 1 kind and length, 2 size or type. Then follow those of its kind. */
  word(id: number, index: number): number {
    const start = this.#starts[id - 1];
    if (start !== undefined) return this.#words[start + index] ?? 0;
    const added = this.#moreStarts[id - 1 - this.#starts.length];
    return added === undefined ? 0 : (this.#moreWords[added + index] ?? 0);
  }

  setWord(id: number, index: number, value: number): void {
    const start = this.#starts[id - 1];
    if (start !== undefined) {
      this.#words[start + index] = value;
      return;
    }
    const added = this.#moreStarts[id - 1 - this.#starts.length];
    if (added !== undefined) this.#moreWords[added + index] = value;
  }

  setInfo(id: number, kind: BtfKind, length = 0, flag = false): void {
    this.setWord(id, 1, infoWord(kind, length, flag));
  }

  /** The words of the elements of a type, three for each. */
  triples(id: number): [number, number, number][] {
    const found: [number, number, number][] = [];
    const end = TYPE_WORDS + 3 * this.length(id);
    for (let at = TYPE_WORDS; at < end; at += 3) {
      found.push([this.word(id, at), this.word(id, at + 1), this.word(id, at + 2)]);
    }
    return found;
  }

  setTriples(id: number, triples: readonly (readonly [number, number, number])[]): void {
    let at = TYPE_WORDS;
    for (const triple of triples) {
      for (const value of triple) this.setWord(id, at++, value);
    }
  }

  /** Adds a string, and returns its offset. */
  string(text: string): number {
    const offset = this.#strings.length + this.#moreStrings.length;
    this.#moreStrings.push(...Buffer.from(`${text}\0`));
    return offset;
  }

  /** Adds a type, and returns its number. */
  add(name: string, kind: BtfKind, sizeOrType: number, more: readonly number[]): number {
    this.#moreStarts.push(this.#moreWords.length);
    this.#moreWords.push(this.string(name), infoWord(kind, 0, false), sizeOrType, ...more);
    return this.count;
  }

  /** The whole, in this machine's byte order. */
  encode(): Uint8Array<ArrayBuffer> {
    if (this.#moreStrings.length === 0) return this.#bytes;
    const [typeWords, stringBytes] = [this.#words.length, this.#strings.length];
    const { bytes, types, strings } = room(
      typeWords + this.#moreWords.length,
      stringBytes + this.#moreStrings.length,
    );
    types.set(this.#words);
    types.set(this.#moreWords, typeWords);
    strings.set(this.#strings);
    strings.set(this.#moreStrings, stringBytes);
    return bytes;
  }
}

/** Room for BTF, with its header. */
function room(
  typeWords: number,
  stringBytes: number,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly types: Uint32Array; readonly strings: Uint8Array } {
  const typeBytes = 4 * typeWords;
  const bytes = new Uint8Array(BTF_HEADER_LENGTH + typeBytes + stringBytes);
  const view = new DataView(bytes.buffer);
  const little = HOST_LITTLE_ENDIAN;
  view.setUint16(0, BTF_MAGIC, little);
  view.setUint8(2, BTF_VERSION);
  view.setUint32(4, BTF_HEADER_LENGTH, little);
  view.setUint32(12, typeBytes, little);
  view.setUint32(16, typeBytes, little);
  view.setUint32(20, stringBytes, little);
  return {
    bytes,
    types: new Uint32Array(bytes.buffer, BTF_HEADER_LENGTH, typeWords),
    strings: bytes.subarray(BTF_HEADER_LENGTH + typeBytes),
  };
}

function infoWord(kind: BtfKind, length: number, flag: boolean): number {
  return ((flag ? FLAG : 0) | (BTF_KINDS.indexOf(kind) << 24) | length) >>> 0;
}
