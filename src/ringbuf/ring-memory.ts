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

/** Bytes that stand before each record: its length with two flags, and an offset that is the kernel's own. */
const HEADER = ringbufRecord.hdr_sz;
/** In the length word, whose top bit says that a record is still being written. */
const DISCARDED = ringbufRecord.discard_bit;
const LENGTH = 0x3fff_ffff;

/** What stands at the reader's position. */
type Found = 'record' | 'busy' | 'empty';

/**
 * A ring buffer's memory, shared with the kernel: the consumer's position in a page of its own, which we write, then
 * the producer's position and the data, which we read. The data is mapped twice in a row, so that a record that wraps
 * around the end lies in one piece.
 *
 * One native call tells how far records are complete, and those are then read plainly.
 */
export class RingMemory implements RecordSource {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Where in {@link bytes} the record lies that {@link next} has found, and its length. */
  start: number = 0;
  length: number = 0;
  readonly #pages: RingPages;
  readonly #size: number;
  readonly #mask: number;
  readonly #words: Int32Array;
  /** Ours; that up to which records are complete; the producer's, as of the last look. */
  readonly #positions = makePositions();
  readonly #look: () => void;
  readonly #store: () => void;
  #released: number;

  /** The descriptor is the memory's from here on. @throws BpfError */
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
    // Nobody else writes it: where the last reader, in this process or another, has left off.
    this.#released = Number(new BigUint64Array(pages.reader, 0, 1)[0]);
    this.#positions[POSITION] = this.#released;
    this.#positions[READY] = this.#released;
  }

  get closed(): boolean {
    return this.#pages.closed;
  }

  /** Bytes that are written and not yet read, headers and what is still being written included. */
  get available(): number {
    this.#look();
    return this.#positions[THEIRS] - this.#positions[POSITION];
  }

  next(): boolean {
    return this.#find() === 'record';
  }

  /**
   * Finds the next record and passes over those that were discarded. A record that is still being written hides those
   * after it.
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
    // A part of the ring at a time, as telling the kernel costs more than reading a small record.
    if (this.#positions[POSITION] - this.#released >= this.#size / 8) this.release();
  }

  /**
   * Gives the memory of all that was read back to the kernel. To be done before waiting: the kernel wakes only a
   * reader that has read everything before the new record.
   */
  release(): void {
    if (this.#positions[POSITION] === this.#released) return;
    this.#released = this.#positions[POSITION];
    this.#store();
  }

  async wait(poller: Poller, signal: AbortSignal): Promise<void> {
    // Records that were submitted without a wakeup are only found by looking.
    const found = this.#find();
    this.release();
    if (found === 'busy') await this.#untilSubmitted(poller, signal);
    else if (found === 'empty') await poller.wait(this.#pages.fd, signal);
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
