import { Buffer } from 'node:buffer';
import { ByteReader, byteText } from '../bytes/index.ts';

/** How many times its size a table's strings may add up to: they may share endings, but not all of them. */
const MOST_SHARING = 16;

/** The strings of a string section. */
export class StringTable {
  readonly #reader: ByteReader;
  readonly #known = new Map<number, string>();
  /** All of them, where each byte is a character. */
  readonly #text: string | undefined;
  #budget: number;

  constructor(data: Uint8Array, section: string, file: string | undefined) {
    this.#reader = new ByteReader(data, { section, file });
    this.#text = byteText(Buffer.from(data.buffer, data.byteOffset, data.length));
    this.#budget = data.length * MOST_SHARING;
  }

  /**
   * The NUL-terminated text at an offset.
   *
   * @throws FormatError when the offset is outside, no NUL follows, or the table is made to expand without end
   */
  at(offset: number): string {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    const text = this.#read(offset);
    this.#budget -= this.#reader.position - offset;
    if (this.#budget < 0)
      throw this.#reader.error('the names overlap so much that they are no names', offset);
    this.#known.set(offset, text);
    return text;
  }

  /** Goes to the end of the string. */
  #read(offset: number): string {
    const end = this.#text?.indexOf('\0', offset) ?? -1;
    if (this.#text === undefined || end < offset) return this.#reader.seek(offset).cstring();
    this.#reader.seek(end + 1);
    return this.#text.slice(offset, end);
  }
}
