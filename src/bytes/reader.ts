import { Buffer } from 'node:buffer';
import { FormatError } from '../errors/index.ts';

/** How a {@link ByteReader} reads, and what its errors name. */
export interface ByteReaderOptions {
  /** Byte order of the numbers; default little. */
  readonly littleEndian?: boolean | undefined;
  /** The section or structure that is read, such as `.BTF`. */
  readonly section?: string | undefined;
  /** The file it came from. */
  readonly file?: string | undefined;
  /** Offset of the first byte within the section, so that errors count from the section's start. */
  readonly origin?: number | undefined;
}

/**
 * A cursor over bytes nobody vouches for. Every read is checked against the end; a read past it is a
 * {@link FormatError} that names section and offset. No bytes are copied.
 */
export class ByteReader {
  readonly littleEndian: boolean;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #section: string | undefined;
  readonly #file: string | undefined;
  readonly #origin: number;
  #position = 0;
  /** The same bytes, made when a string is read. */
  #text: Buffer | undefined;

  constructor(bytes: Uint8Array, options: ByteReaderOptions = {}) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = options.littleEndian ?? true;
    this.#section = options.section;
    this.#file = options.file;
    this.#origin = options.origin ?? 0;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Where the next read begins, counted from the first byte. */
  get position(): number {
    return this.#position;
  }

  /** How many bytes are left after the position. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** A FormatError about the bytes at `position` (default: where the reader stands), to be thrown. */
  error(problem: string, position: number = this.#position): FormatError {
    return new FormatError(problem, {
      file: this.#file,
      section: this.#section,
      offset: this.#origin + position,
    });
  }

  /** Goes to `position`; the end itself is allowed. @throws FormatError beyond the end */
  seek(position: number): this {
    if (!Number.isInteger(position) || position < 0 || position > this.#bytes.length) {
      throw this.error(`position ${position} is outside the ${this.#bytes.length} bytes there are`);
    }
    this.#position = position;
    return this;
  }

  /** Goes `count` bytes ahead. @throws FormatError beyond the end */
  skip(count: number): this {
    this.#advance(count);
    return this;
  }

  /** Goes ahead to the next multiple of `size`. @throws FormatError beyond the end */
  align(size: number): this {
    return this.skip((size - (this.#position % size)) % size);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), this.littleEndian);
  }

  i16(): number {
    return this.#view.getInt16(this.#advance(2), this.littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.littleEndian);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), this.littleEndian);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), this.littleEndian);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), this.littleEndian);
  }

  /** A u64 that must be a size or an offset. @throws FormatError above 2^53 - 1 */
  size64(): number {
    const start = this.#advance(8);
    const low = this.#view.getUint32(this.littleEndian ? start : start + 4, this.littleEndian);
    const high = this.#view.getUint32(this.littleEndian ? start + 4 : start, this.littleEndian);
    // As it is, the engine keeps it, and what is computed from it, as an integer.
    if (high === 0) return low;
    const value = high * 2 ** 32 + low;
    if (value > Number.MAX_SAFE_INTEGER) {
      const exact = this.#view.getBigUint64(start, this.littleEndian);
      throw this.error(`${exact} is too large a size`, start);
    }
    return value;
  }

  /** The next `count` bytes, not copied. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A UTF-8 string up to its NUL, which is read too. @throws FormatError when no NUL follows */
  cstring(): string {
    const start = this.#position;
    const end = this.#bytes.indexOf(0, start);
    if (end === -1) throw this.error('string without a terminating NUL');
    this.#position = end + 1;
    this.#text ??= Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    return this.#text.toString('utf8', start, end);
  }

  /** A reader over the next `count` bytes, which this one then skips. Its errors count like this one's. */
  slice(count: number, section?: string): ByteReader {
    const start = this.#position;
    return new ByteReader(this.bytes(count), {
      littleEndian: this.littleEndian,
      section: section ?? this.#section,
      file: this.#file,
      origin: section === undefined ? this.#origin + start : 0,
    });
  }

  #advance(count: number): number {
    const start = this.#position;
    if (!(count >= 0 && count <= this.#bytes.length - start)) {
      throw this.error(`${count} bytes needed, ${this.#bytes.length - start} left`);
    }
    this.#position = start + count;
    return start;
  }
}
