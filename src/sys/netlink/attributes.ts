import { type ByteReader, ByteWriter, HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import { ALIGN, TYPE_MASK } from './constants.ts';

const HEADER_SIZE = 4;

/** Writes attributes one after another (`struct nlattr`). */
export class AttributeWriter {
  readonly #out = new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN, capacity: 64 });

  /** @throws RangeError if the content is too long for an attribute */
  bytes(type: number, content: Uint8Array): this {
    const length = HEADER_SIZE + content.length;
    if (length > 0xffff) throw new RangeError(`a netlink attribute cannot hold ${content.length} bytes`);
    this.#out.u16(length).u16(type).bytes(content).align(ALIGN);
    return this;
  }

  u32(type: number, value: number): this {
    this.#out
      .u16(HEADER_SIZE + 4)
      .u16(type)
      .u32(value);
    return this;
  }

  /** The text and a NUL. */
  text(type: number, value: string): this {
    return this.bytes(type, Buffer.from(`${value}\0`));
  }

  nested(type: number, write: (inside: AttributeWriter) => void): this {
    const inside = new AttributeWriter();
    write(inside);
    return this.bytes(type, inside.toBytes());
  }

  toBytes(): Uint8Array {
    return this.#out.toBytes();
  }
}

/** The attributes of a message by their types. Of several with one type, the last one counts, as for the kernel. */
export class Attributes {
  readonly #found = new Map<number, ByteReader>();

  /** @param reader - stands at the first attribute, and ends after the last. @throws FormatError */
  constructor(reader: ByteReader) {
    while (reader.remaining >= HEADER_SIZE) {
      const start = reader.position;
      const length = reader.u16();
      const type = reader.u16() & TYPE_MASK;
      if (length < HEADER_SIZE) throw reader.error(`an attribute of ${length} bytes`, start);
      this.#found.set(type, reader.slice(length - HEADER_SIZE));
      // The last attribute need not be filled up.
      reader.skip(Math.min((ALIGN - (length % ALIGN)) % ALIGN, reader.remaining));
    }
  }

  #at(type: number): ByteReader | undefined {
    return this.#found.get(type)?.seek(0);
  }

  /** @throws FormatError if it is shorter than 4 bytes */
  u32(type: number): number | undefined {
    return this.#at(type)?.u32();
  }

  /** Without the NUL, which the kernel does not always send. */
  text(type: number): string | undefined {
    const reader = this.#at(type);
    if (reader === undefined) return undefined;
    const bytes = reader.bytes(reader.length);
    const end = bytes.indexOf(0);
    return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
  }

  /** @throws FormatError */
  nested(type: number): Attributes | undefined {
    const reader = this.#at(type);
    return reader === undefined ? undefined : new Attributes(reader);
  }
}
