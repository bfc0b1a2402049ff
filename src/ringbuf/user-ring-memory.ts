import { ringbufRecord } from '../abi/index.ts';
import { bindLoad, bindStore, type Fd, makePositions, POSITION, THEIRS } from '../sys/index.ts';
import { RingPages } from './ring-pages.ts';

/** Bytes before each record: its length with two flags, and a word that only the kernel uses. */
const HEADER = ringbufRecord.hdr_sz;
/** The two flags in the length word. */
const BUSY = ringbufRecord.busy_bit;
const DISCARDED = ringbufRecord.discard_bit;

/**
 * The memory of a ring that this process writes. The reader's position has its own page, which the kernel writes. The
 * writer's position and the data follow, which we write. The data is mapped twice in a row, so that a record that wraps
 * around the end is in one piece.
 */
export class UserRingMemory {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly fd: Fd;
  readonly #pages: RingPages;
  readonly #size: number;
  readonly #words: Int32Array;
  /** Two positions: ours, and the reader's as of the last look. */
  readonly #positions = makePositions();
  readonly #look: () => void;
  readonly #store: () => void;

  /** Owns the descriptor from here on. @throws BpfError */
  constructor(fd: Fd, what: string, size: number) {
    const pages = new RingPages(fd, what, size, 'writer');
    this.fd = fd;
    this.#pages = pages;
    this.#size = size;
    this.bytes = pages.bytes;
    this.view = pages.view;
    this.#words = pages.words;
    this.#look = bindLoad(pages.reader, this.#positions, 0);
    this.#store = bindStore(pages.writer, this.#positions, 0);
    // Only writers write this position: it is where the last writer stopped, in this process or another.
    this.#positions[POSITION] = Number(new BigUint64Array(pages.writer, 0, 1)[0]);
    this.#look();
    this.#discardLeftovers();
  }

  get closed(): boolean {
    return this.#pages.closed;
  }

  /** Bytes of the longest record. */
  get longest(): number {
    return this.#size - HEADER;
  }

  /** Bytes that are written and not yet read by a program, including headers. */
  get available(): number {
    this.#look();
    return this.#positions[POSITION] - this.#positions[THEIRS];
  }

  /** Whether there is room for a record of this many bytes now. */
  fits(length: number): boolean {
    const positions = this.#positions;
    const most = this.#size - total(length);
    // Programs only ever make more room: if there was enough at the last look, there still is.
    if (positions[POSITION] - positions[THEIRS] <= most) return true;
    this.#look();
    return positions[POSITION] - positions[THEIRS] <= most;
  }

  /** Where in {@link bytes} the next record will be. Programs do not see it before {@link add} or {@link begin}. */
  get next(): number {
    return (this.#positions[POSITION] & (this.#size - 1)) + HEADER;
  }

  /** Hands over the record at {@link next}. */
  add(length: number): void {
    this.#append(length, length);
  }

  /** Reserves room for a record and returns its place in {@link bytes}. Programs wait for it until {@link end}. */
  begin(length: number): number {
    const start = this.next;
    this.#append(length, length | BUSY);
    return start;
  }

  /** Hands over or discards a reserved record. Programs that see it ended also see what was written to it before. */
  end(start: number, length: number, discard: boolean): void {
    Atomics.store(this.#words, (start - HEADER) / 4, discard ? length | DISCARDED : length);
  }

  /** Moves our position past a new record. Programs that see the new position also see what was written before. */
  #append(length: number, word: number): void {
    const at = (this.#positions[POSITION] & (this.#size - 1)) / 4;
    this.#words[at] = word;
    this.#words[at + 1] = 0;
    this.#positions[POSITION] += total(length);
    this.#store();
  }

  /**
   * Discards records that an earlier writer reserved and left, because it ended without closing, such as a worker that
   * was terminated. Nobody will submit them, and programs would wait for them forever.
   */
  #discardLeftovers(): void {
    const positions = this.#positions;
    for (let position = positions[THEIRS]; position < positions[POSITION]; ) {
      const at = position & (this.#size - 1);
      const word = this.#words[at / 4] as number;
      const length = word & ~(BUSY | DISCARDED);
      if ((word & BUSY) !== 0) this.end(at + HEADER, length, true);
      position += total(length);
    }
  }

  close(): void {
    this.#pages.close();
  }
}

function total(length: number): number {
  return (HEADER + length + 7) & -8;
}
