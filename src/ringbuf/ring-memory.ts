import { ringbufRecord } from '../abi/index.ts';
import type { RecordSource } from '../events/index.ts';
import {
  bindScan,
  bindStore,
  type Fd,
  makePositions,
  POSITION,
  type Poller,
  pageSize,
  READY,
  THEIRS,
} from '../sys/index.ts';
import { RingPages } from './ring-pages.ts';

/** Bytes before each record: its length with two flags, and an offset that only the kernel uses. */
const HEADER = ringbufRecord.hdr_sz;
/** A bit in the length word. The top bit of that word says that the record is still being written. */
const DISCARDED = ringbufRecord.discard_bit;
const LENGTH = 0x3fff_ffff;

/** What is at the reader's position. */
type Found = 'record' | 'busy' | 'empty';

/**
 * The memory of a ring buffer, shared with the kernel. The consumer's position has its own page, which we write. The
 * producer's position and the data follow, which we read. The data is mapped twice in a row, so that a record that
 * wraps around the end is in one piece.
 *
 * One native call finds out how far records are complete. These are then read with plain memory accesses.
 */
export class RingMemory implements RecordSource {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Where in {@link bytes} the record is that {@link next} has found, and its length. */
  start: number = 0;
  length: number = 0;
  readonly #pages: RingPages;
  readonly #size: number;
  readonly #mask: number;
  readonly #words: Int32Array;
  /** Three positions: ours, the end of the complete records, and the producer's. The last two as of the last look. */
  readonly #positions = makePositions();
  readonly #look: () => void;
  readonly #store: () => void;
  #released: number;

  /** Owns the descriptor from here on. @throws BpfError */
  constructor(fd: Fd, what: string, size: number) {
    const pages = new RingPages(fd, what, size, 'reader');
    this.#pages = pages;
    this.#size = size;
    this.#mask = size - 1;
    this.bytes = pages.bytes;
    this.view = pages.view;
    this.#words = pages.words;
    this.#look = bindScan(pages.writer, this.#positions, 0, pageSize(), size);
    this.#store = bindStore(pages.reader, this.#positions, 0);
    // Only readers write this position: it is where the last reader stopped, in this process or another.
    this.#released = Number(new BigUint64Array(pages.reader, 0, 1)[0]);
    this.#positions[POSITION] = this.#released;
    this.#positions[READY] = this.#released;
  }

  get closed(): boolean {
    return this.#pages.closed;
  }

  /** Bytes that are not read yet, including headers and records that are still being written. */
  get available(): number {
    this.#look();
    return this.#positions[THEIRS] - this.#positions[POSITION];
  }

  next(): boolean {
    return this.#find() === 'record';
  }

  /**
   * Finds the next record, and skips discarded ones. A record that is still being written hides those after it.
   */
  #find(): Found {
    const positions = this.#positions;
    for (;;) {
      const position = positions[POSITION];
      if (position === positions[READY]) {
        this.#look();
        if (position === positions[READY]) return position === positions[THEIRS] ? 'empty' : 'busy';
      }
      const at = position & this.#mask;
      const word = this.#words[at / 4] as number;
      this.start = at + HEADER;
      this.length = word & LENGTH;
      if ((word & DISCARDED) === 0) return 'record';
      this.advance();
    }
  }

  /** Goes past the record that {@link next} has found. Its memory stays until it is released. */
  advance(): void {
    this.#positions[POSITION] += (HEADER + this.length + 7) & -8;
    // Not after every record, because releasing memory costs more than reading a small record.
    if (this.#positions[POSITION] - this.#released >= this.#size / 8) this.release();
  }

  /**
   * Gives the memory of everything that was read back to the kernel. Call this before waiting: the kernel wakes only a
   * reader that has read everything before the new record.
   */
  release(): void {
    if (this.#positions[POSITION] === this.#released) return;
    this.#released = this.#positions[POSITION];
    this.#store();
  }

  async wait(poller: Poller, signal: AbortSignal): Promise<void> {
    // Only a look finds records that were submitted without a wakeup.
    const found = this.#find();
    this.release();
    if (found === 'busy') await this.#untilSubmitted(poller, signal);
    else if (found === 'empty') await poller.wait(this.#pages.fd, signal);
  }

  /**
   * Waits until the kernel signals that the record at our position was submitted. For epoll, the ring is readable all
   * this time, so polling for "readable" would be a busy loop.
   */
  async #untilSubmitted(poller: Poller, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        resolve();
      };
      const stop = poller.watch(this.#pages.fd, () => {
        if (this.#find() !== 'busy') end();
      });
      signal.addEventListener('abort', end, { once: true });
    });
  }

  close(): void {
    this.#pages.close();
  }
}
