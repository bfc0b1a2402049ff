import { Buffer } from 'node:buffer';
import { ByteReader, byteText } from '../bytes/index.ts';

/** A table's strings may add up to this many times its size: they may share endings, but not all of them. */
const MOST_SHARING = 16;

/** The strings of a string section. */
export class StringTable {
  readonly #data: Uint8Array;
  readonly #section: string;
  readonly #file: string | undefined;
  readonly #known = new Map<number, string>();
  /** All strings as one text, one character for each byte. */
  readonly #text: string | undefined;
  #reader: ByteReader | undefined;
  #budget: number;

  constructor(data: Uint8Array, section: string, file: string | undefined) {
    this.#data = data;
    this.#section = section;
    this.#file = file;
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
    this.#budget -= text.length + 1;
    if (this.#budget < 0) throw this.#bytes.error('the names overlap too much to be names', offset);
    this.#known.set(offset, text);
    return text;
  }

  #read(offset: number): string {
    const text = this.#text;
    const end = text === undefined ? -1 : text.indexOf('\0', offset);
    return text === undefined || end === -1 ? this.#bytes.seek(offset).cstring() : text.slice(offset, end);
  }

  /** Reads from tables without such a text, and makes the errors. */
  get #bytes(): ByteReader {
    this.#reader ??= new ByteReader(this.#data, { section: this.#section, file: this.#file });
    return this.#reader;
  }
}
