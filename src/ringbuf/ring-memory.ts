import { ringbufRecord } from '../abi/index.ts';
import { HOST_LITTLE } from '../bytes/codec/index.ts';
import type { RecordSource } from '../events/index.ts';
import { type Fd, MemoryMap, type MemoryMapOptions, type Poller, pageSize } from '../sys/index.ts';

/** Bytes that stand before each record: its length with two flags, and an offset that is the kernel's own. */
const HEADER = ringbufRecord.hdr_sz;
/** Of the length word; the top bit, which says that a record is still being written, makes it negative. */
const DISCARDED = ringbufRecord.discard_bit;
const LENGTH = 0x3fff_ffff;

/** What stands at the reader's position. */
type Found = 'record' | 'busy' | 'empty';

/**
 * A ring buffer's memory, shared with the kernel: the consumer's position in a page of its own, which we write, then
 * the producer's position and the data, which we read. The data is mapped twice in a row, so that a record that wraps
 * around the end lies in one piece.
 *
 * Positions only grow. They have 64 bits; for what is here to read the low 32 tell, as no ring is larger.
 */
export class RingMemory implements RecordSource {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Where in {@link bytes} the record lies that {@link next} has found, and its length. */
  start: number = 0;
  length: number = 0;
  readonly #fd: Fd;
  readonly #maps: readonly MemoryMap[];
  readonly #size: number;
  readonly #mask: number;
  readonly #consumer: BigInt64Array;
  readonly #producer: Int32Array;
  readonly #words: Int32Array;
  #position: number;
  #released: number;

  /** The descriptor is the memory's from here on. @throws BpfError */
  constructor(fd: Fd, what: string, size: number) {
    const page = pageSize();
    this.#fd = fd;
    const maps: MemoryMap[] = [];
    this.#maps = maps;
    const map = (options: MemoryMapOptions): MemoryMap => {
      const made = MemoryMap.map(fd, what, options);
      maps.push(made);
      return made;
    };
    let own: MemoryMap;
    let theirs: MemoryMap;
    try {
      own = map({ length: page, writable: true });
      theirs = map({ length: page + 2 * size, offset: page });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#size = size;
    this.#mask = size - 1;
    this.#consumer = new BigInt64Array(own.buffer, 0, 1);
    // The half of the producer's position with the low bits.
    this.#producer = new Int32Array(theirs.buffer, HOST_LITTLE ? 0 : 4, 1);
    this.bytes = new Uint8Array(theirs.buffer, page, 2 * size);
    this.view = new DataView(theirs.buffer, page, 2 * size);
    this.#words = new Int32Array(theirs.buffer, page, (2 * size) / 4);
    this.#position = Number(Atomics.load(this.#consumer, 0));
    this.#released = this.#position;
  }

  get closed(): boolean {
    return this.#maps[0]?.closed ?? true;
  }

  /** Bytes that are written and not yet read, headers and what is still being written included. */
  get available(): number {
    return (Atomics.load(this.#producer, 0) - this.#position) >>> 0;
  }

  next(): boolean {
    return this.#find() === 'record';
  }

  /**
   * Finds the next record and passes over those that were discarded. A record that is still being written hides all
   * behind it.
   */
  #find(): Found {
    while (this.available !== 0) {
      const at = this.#position & this.#mask;
      // Acquires: what the writer did before it cleared the busy bit is seen from here on.
      const word = Atomics.load(this.#words, at / 4);
      if (word < 0) return 'busy';
      this.start = at + HEADER;
      this.length = word & LENGTH;
      if ((word & DISCARDED) === 0) return 'record';
      this.advance();
    }
    return 'empty';
  }

  /** Goes past the record that {@link next} has found. Its memory stays until it is released. */
  advance(): void {
    this.#position += Math.ceil((HEADER + this.length) / 8) * 8;
    // A part of the ring at a time, as telling the kernel costs more than reading a small record.
    if (this.#position - this.#released >= this.#size / 8) this.release();
  }

  /**
   * Gives the memory of all that was read back to the kernel. To be done before waiting: the kernel wakes only a
   * reader that has read everything before the new record.
   */
  release(): void {
    if (this.#position === this.#released) return;
    this.#released = this.#position;
    Atomics.store(this.#consumer, 0, BigInt(this.#position));
  }

  async wait(poller: Poller, signal: AbortSignal): Promise<void> {
    // Records that were submitted without a wakeup are only found by looking.
    const found = this.#find();
    this.release();
    if (found === 'busy') await this.#untilSubmitted(poller, signal);
    else if (found === 'empty') await poller.wait(this.#fd, signal);
  }

  /**
   * Waits for the kernel to say that the record at our position was submitted. To epoll the ring is readable all the
   * time, so asking again and again whether it is would only burn time.
   */
  async #untilSubmitted(poller: Poller, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        resolve();
      };
      const stop = poller.watch(this.#fd, () => {
        if (this.#find() !== 'busy') end();
      });
      signal.addEventListener('abort', end, { once: true });
    });
  }

  close(): void {
    for (const map of this.#maps) map.close();
    this.#fd.close();
  }
}
