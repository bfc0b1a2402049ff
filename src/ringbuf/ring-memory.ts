import { ringbufRecord } from '../abi/index.ts';
import { type RecordCounts, type RecordSource, Stretch, Tally } from '../events/index.ts';
import {
  bindCopy,
  bindLoad,
  bindScan,
  bindStore,
  COUNT,
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

/** Where the position of overwritten records is: after the producer's and that of the oldest busy record. */
const OVERWRITTEN = 16; // struct bpf_ringbuf, kernel/bpf/ringbuf.c

/** What is at the reader's position. */
type Found = 'records' | 'busy' | 'empty';

/**
 * The memory of a ring buffer, shared with the kernel. The consumer's position has its own page, which we write. The
 * producer's position and the data follow, which we read. The data is mapped twice in a row, so that a record that
 * wraps around the end is in one piece, and a stretch of records too.
 *
 * One native call finds the complete records. These are then read with plain memory accesses. If the ring overwrites
 * unread records, that call also copies them, and the copies are read.
 */
export class RingMemory implements RecordSource {
  readonly #pages: RingPages;
  readonly #size: number;
  readonly #tally = new Tally();
  readonly #stretch: Stretch;
  /** The stretch's begin, its end, and the producer's position. All as of the last look. */
  readonly #positions = makePositions();
  #scan: () => void;
  readonly #load: () => void;
  readonly #store: () => void;
  readonly #overwrites: boolean;
  /** Bytes that were overwritten before they were read. */
  #overwritten = 0;
  /** The position that belongs to place 0 of the stretch. */
  #origin = 0;
  #released: number;

  /**
   * Owns the descriptor from here on.
   *
   * @param overwrites - whether unread records are overwritten when the ring is full
   * @throws BpfError
   */
  constructor(fd: Fd, what: string, size: number, overwrites: boolean) {
    const pages = new RingPages(fd, what, size, 'reader');
    this.#pages = pages;
    this.#size = size;
    this.#stretch = new Stretch(pages.bytes, pages.view, this.#tally);
    const { places } = this.#stretch;
    this.#overwrites = overwrites;
    this.#scan = overwrites
      ? this.#copyTo(new ArrayBuffer(size))
      : bindScan(pages.writer, this.#positions, { offset: 0, data: pageSize(), size, places });
    this.#load = bindLoad(pages.writer, this.#positions, 0);
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
    this.#load();
    const positions = this.#positions;
    if (!this.#overwrites) return positions[THEIRS] - this.#position;
    // What was copied can still be read.
    const overwritten = Number(new BigUint64Array(this.#pages.writer, OVERWRITTEN, 1)[0]);
    return (
      positions[READY] -
      this.#position +
      Math.max(0, positions[THEIRS] - Math.max(positions[READY], overwritten))
    );
  }

  get counts(): RecordCounts {
    this.#stretch.tally();
    const counts = this.#tally.counts();
    return this.#overwrites ? { ...counts, overwritten: this.#overwritten } : counts;
  }

  /** Our position: everything before it was read. */
  get #position(): number {
    const { at, count, places } = this.#stretch;
    return at < count ? this.#origin + (places[2 * at] as number) - HEADER : this.#positions[READY];
  }

  find(): Stretch | undefined {
    const stretch = this.#stretch;
    if (stretch.at < stretch.count) return stretch;
    return !stretch.closed && this.#look() === 'records' ? stretch : undefined;
  }

  /** Reads copies of the records from now on. They have the same place for each stretch. */
  #copyTo(copies: ArrayBuffer): () => void {
    const stretch = this.#stretch;
    const { places } = stretch;
    stretch.bytes = new Uint8Array(copies);
    stretch.view = new DataView(copies);
    const where = { offset: 0, data: pageSize(), size: this.#size, places };
    return bindCopy(this.#pages.writer, this.#positions, where, copies);
  }

  #state(): Found {
    return this.#stretch.at < this.#stretch.count ? 'records' : this.#look();
  }

  /** Finds the next records, after everything that the last look has found was read. */
  #look(): Found {
    const positions = this.#positions;
    const stretch = this.#stretch;
    stretch.tally();
    for (;;) {
      this.release();
      const position = positions[READY];
      positions[POSITION] = position;
      positions[COUNT] = stretch.places.length;
      // Someone who got a view of the copies has taken their memory away.
      if (this.#overwrites && stretch.bytes.length === 0)
        this.#scan = this.#copyTo(new ArrayBuffer(this.#size));
      this.#scan();
      const start = positions[POSITION];
      this.#overwritten += start - position;
      this.#origin = this.#overwrites ? start : start - (start % this.#size);
      stretch.begin(positions[COUNT]);
      if (stretch.count > 0) return 'records';
      if (positions[READY] === start) return start === positions[THEIRS] ? 'empty' : 'busy';
      // All that it has found was discarded.
    }
  }

  /**
   * Gives the memory of everything that was read back to the kernel. Call this before waiting: the kernel wakes only a
   * reader that has read everything before the new record.
   */
  release(): void {
    const position = this.#position;
    if (position === this.#released) return;
    this.#released = position;
    this.#positions[POSITION] = position;
    this.#store();
  }

  wait(poller: Poller, ready: () => void): (() => void) | undefined {
    // Only a look finds records that were submitted without a wakeup.
    const found = this.#state();
    this.release();
    if (found === 'records') return undefined;
    if (found === 'busy') return this.#untilSubmitted(poller, ready);
    return poller.once(this.#pages.fd, () => ready());
  }

  /**
   * Waits until the kernel signals that the record at our position was submitted. For epoll, the ring is readable all
   * this time, so polling for "readable" would be a busy loop.
   */
  #untilSubmitted(poller: Poller, ready: () => void): () => void {
    this.#tally.busyWaits++;
    const stop = poller.watch(this.#pages.fd, () => {
      if (this.#state() === 'busy') return;
      stop();
      ready();
    });
    return stop;
  }

  close(): void {
    this.#stretch.close();
    this.#pages.close();
  }
}
