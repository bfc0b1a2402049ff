import { ringbufRecord } from '../abi/index.ts';
import { HOST_LITTLE } from '../bytes/codec/index.ts';
import { type Fd, MemoryMap, type MemoryMapOptions, pageSize } from '../sys/index.ts';

/** Bytes that stand before each record: its length with two flags, and a word that is the kernel's own. */
const HEADER = ringbufRecord.hdr_sz;
/** Of the length word. */
const BUSY = ringbufRecord.busy_bit;
const DISCARDED = ringbufRecord.discard_bit;

/**
 * The memory of a ring that this process writes: the reader's position in a page of its own, which the kernel writes,
 * then the writer's position and the data, which we write. The data is mapped twice in a row, so that a record that
 * wraps around the end lies in one piece.
 *
 * Positions only grow. They have 64 bits; for what is here to write the low 32 tell, as no ring is larger.
 */
export class UserRingMemory {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly fd: Fd;
  readonly #maps: MemoryMap[] = [];
  readonly #size: number;
  readonly #consumer: Int32Array;
  readonly #producer: BigInt64Array;
  readonly #words: Int32Array;
  #position: number;

  /** The descriptor is the memory's from here on. @throws BpfError */
  constructor(fd: Fd, what: string, size: number) {
    const page = pageSize();
    this.fd = fd;
    const map = (options: MemoryMapOptions): ArrayBuffer => {
      const made = MemoryMap.map(fd, what, options);
      this.#maps.push(made);
      return made.buffer;
    };
    let theirs: ArrayBuffer;
    let own: ArrayBuffer;
    try {
      theirs = map({ length: page });
      own = map({ length: page + 2 * size, offset: page, writable: true });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#size = size;
    // The half of the position with the low bits.
    this.#consumer = new Int32Array(theirs, HOST_LITTLE ? 0 : 4, 1);
    this.#producer = new BigInt64Array(own, 0, 1);
    this.bytes = new Uint8Array(own, page, 2 * size);
    this.view = new DataView(own, page, 2 * size);
    this.#words = new Int32Array(own, page, (2 * size) / 4);
    this.#position = Number(Atomics.load(this.#producer, 0));
  }

  get closed(): boolean {
    return this.fd.closed;
  }

  /** Bytes of the longest record. */
  get longest(): number {
    return this.#size - HEADER;
  }

  /** Bytes that are written and that no program has read yet, headers included. */
  get available(): number {
    return (this.#position - Atomics.load(this.#consumer, 0)) >>> 0;
  }

  /** Whether a record of so many bytes finds room now. */
  fits(length: number): boolean {
    return this.#size - this.available >= total(length);
  }

  /** Takes room for a record, which programs wait for until it is {@link end}ed; where it lies in {@link bytes}. */
  begin(length: number): number {
    const at = this.#position & (this.#size - 1);
    this.#words[at / 4] = length | BUSY;
    this.#words[at / 4 + 1] = 0;
    this.#position += total(length);
    Atomics.store(this.#producer, 0, BigInt(this.#position));
    return at + HEADER;
  }

  /** Hands the record over. What was written to it before is seen by programs that find it ended. */
  end(start: number, length: number, discard: boolean): void {
    Atomics.store(this.#words, (start - HEADER) / 4, discard ? length | DISCARDED : length);
  }

  close(): void {
    for (const map of this.#maps) map.close();
    this.fd.close();
  }
}

function total(length: number): number {
  return Math.ceil((HEADER + length) / 8) * 8;
}
