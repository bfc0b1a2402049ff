import { type RecordSource, readerOf } from './records.ts';
import type { LineInfo } from './types.ts';

/** The position of a line: the column is in the lower bits. */
const COLUMN_BITS = 10;

/** A line info whose texts are decoded on first use: an object has thousands, and prints only a few of them. */
export class Line implements LineInfo {
  readonly offset: number;
  readonly fileOffset: number;
  readonly textOffset: number;
  readonly line: number;
  readonly column: number;
  readonly #source: RecordSource;
  readonly #start: number;

  /** @param start - of the record in .BTF.ext, for errors */
  constructor(
    source: RecordSource,
    start: number,
    offset: number,
    fileOffset: number,
    textOffset: number,
    place: number,
  ) {
    this.#source = source;
    this.#start = start;
    this.offset = offset;
    this.fileOffset = fileOffset;
    this.textOffset = textOffset;
    this.line = place >>> COLUMN_BITS;
    this.column = place & ((1 << COLUMN_BITS) - 1);
  }

  get file(): string {
    return this.#string(this.fileOffset, this.#start + 4);
  }

  get text(): string {
    return this.#string(this.textOffset, this.#start + 8);
  }

  toJSON(): LineInfo {
    const { offset, fileOffset, textOffset, line, column, file, text } = this;
    return { offset, fileOffset, textOffset, line, column, file, text };
  }

  #string(offset: number, at: number): string {
    return this.#source.string(offset, (problem) => readerOf(this.#source).error(problem, at));
  }
}
