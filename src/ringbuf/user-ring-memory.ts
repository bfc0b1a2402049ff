import { ringbufRecord } from '../abi/index.ts';
import { bindLoad, bindStore, type Fd, makePositions, POSITION, THEIRS } from '../sys/index.ts';
import { RingPages } from './ring-pages.ts';

/** Bytes that stand before each record: its length with two flags, and a word that is the kernel's own. */
const HEADER = ringbufRecord.hdr_sz;
/** Of the length word. */
const BUSY = ringbufRecord.busy_bit;
const DISCARDED = ringbufRecord.discard_bit;

/**
 * The memory of a ring that this process writes: the reader's position in a page of its own, which the kernel writes,
 * then the writer's position and the data, which we write. The data is mapped twice in a row, so that a record that
 * wraps around the end lies in one piece.
 */
export class UserRingMemory {
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly fd: Fd;
  readonly #pages: RingPages;
  readonly #size: number;
  readonly #words: Int32Array;
  /** Ours, and the reader's as of the last look. */
  readonly #positions = makePositions();
  readonly #look: () => void;
  readonly #store: () => void;

  /** The descriptor is the memory's from here on. @throws BpfError */
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
    // Nobody else writes it: where the last writer, in this process or another, has left off.
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

  /** Bytes that are written and that no program has read yet, headers included. */
  get available(): number {
    this.#look();
    return this.#positions[POSITION] - this.#positions[THEIRS];
  }

  /** Whether a record of this many bytes finds room now. */
  fits(length: number): boolean {
    const positions = this.#positions;
    const most = this.#size - total(length);
    // Programs only make room: what was enough at the last look still is.
    if (positions[POSITION] - positions[THEIRS] <= most) return true;
    this.#look();
    return positions[POSITION] - positions[THEIRS] <= most;
  }

  /** Where in {@link bytes} the next record will lie. Programs do not see it before {@link add} or {@link begin}. */
  get next(): number {
    return (this.#positions[POSITION] & (this.#size - 1)) + HEADER;
  }

  /** Hands over a record that lies at {@link next}. */
  add(length: number): void {
    this.#append(length, length);
  }

  /** Takes room for a record, which programs wait for until it is {@link end}ed; where it lies in {@link bytes}. */
  begin(length: number): number {
    const start = this.next;
    this.#append(length, length | BUSY);
    return start;
  }

  /** Hands the record over. What was written to it before is seen by programs that find it ended. */
  end(start: number, length: number, discard: boolean): void {
    Atomics.store(this.#words, (start - HEADER) / 4, discard ? length | DISCARDED : length);
  }

  /** What is written before is seen by programs that find the new position. */
  #append(length: number, word: number): void {
    const at = (this.#positions[POSITION] & (this.#size - 1)) / 4;
    this.#words[at] = word;
    this.#words[at + 1] = 0;
    this.#positions[POSITION] += total(length);
    this.#store();
  }

  /** A writer that ended without closing, such as a worker that was terminated, may have left records that it had
   * reserved. Nobody will submit them, and programs would wait for them for ever. */
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
