const utf8 = new TextEncoder();

/** A growing byte buffer with a cursor at its end, in either byte order. */
export class ByteWriter {
  readonly littleEndian: boolean;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** @param options - `littleEndian`: default true; `capacity`: bytes to set aside at first */
  constructor(
    options: { readonly littleEndian?: boolean | undefined; readonly capacity?: number | undefined } = {},
  ) {
    this.littleEndian = options.littleEndian ?? true;
    this.#bytes = new Uint8Array(Math.max(options.capacity ?? 256, 16));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, this.littleEndian);
    return this;
  }

  /** Signed values are written in two's complement, so this serves i32 too. */
  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, this.littleEndian);
    return this;
  }

  /** Signed values are written in two's complement, so this serves i64 too. */
  u64(value: number | bigint): this {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), this.littleEndian);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const start = this.#grow(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** The text in UTF-8 and a NUL. @throws TypeError when the text itself holds a NUL */
  cstring(text: string): this {
    if (text.includes('\0')) throw new TypeError(`string with a NUL inside: ${JSON.stringify(text)}`);
    return this.bytes(utf8.encode(text)).u8(0);
  }

  zeros(count: number): this {
    this.#grow(count);
    return this;
  }

  /** Zeros up to the next multiple of `size`. */
  align(size: number): this {
    return this.zeros((size - (this.#length % size)) % size);
  }

  /** Overwrites four bytes written before. @throws RangeError when they have not been written */
  patchU32(position: number, value: number): this {
    if (!(position >= 0 && position + 4 <= this.#length)) {
      throw new RangeError(`position ${position} is outside the ${this.#length} bytes written`);
    }
    this.#view.setUint32(position, value, this.littleEndian);
    return this;
  }

  /** A copy of what has been written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room; the view may be another one afterwards. Returns where to write. */
  #grow(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      bigger.set(this.#bytes.subarray(0, start));
      this.#bytes = bigger;
      this.#view = new DataView(bigger.buffer);
    }
    this.#length = end;
    return start;
  }
}
