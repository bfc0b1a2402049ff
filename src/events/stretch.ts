import { Copies } from './copies.ts';

/** The most records in one stretch. Their headers fit into the first cache, where JavaScript finds them. */
const RECORDS = 256;

/** What a reader has read so far. */
export interface RecordCounts {
  /** Records that were handed out. */
  readonly received: number;
  /** Bytes of these records, without headers and padding. */
  readonly bytes: number;
  /** How often the reader waited for a record that was reserved and not yet submitted. */
  readonly busyWaits: number;
  /** Records that found no room, where the kernel tells. Undefined for ring buffers: their programs know. */
  readonly lost?: number | undefined;
  /**
   * Bytes that programs have overwritten before they were read, with headers, padding and discarded records. Undefined
   * unless the ring buffer overwrites unread records: the kernel does not count the records.
   */
  readonly overwritten?: number | undefined;
}

/** The numbers of {@link RecordCounts}, while they grow. */
export class Tally {
  received: number = 0;
  bytes: number = 0;
  busyWaits: number = 0;
  /** Memory for copies. */
  readonly copies: Copies = new Copies();

  counts(lost?: number): RecordCounts {
    const { received, bytes, busyWaits } = this;
    return lost === undefined ? { received, bytes, busyWaits } : { received, bytes, busyWaits, lost };
  }
}

/**
 * Complete records that one look has found, one after another in memory. A source looks anew when all of them are read.
 * Nothing is done for a single record but moving {@link at}.
 */
export class Stretch {
  /** The memory of the records. */
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Two numbers for each record: where it is in the memory, and its length. */
  readonly places: Uint32Array<ArrayBuffer> = new Uint32Array(new ArrayBuffer(RECORDS * 8));
  /** How many records there are. */
  count: number = 0;
  /** The index of the next record. Those before it count as read. */
  at: number = 0;
  /** Whether the memory is gone. */
  closed: boolean = false;
  readonly #tally: Tally;
  #tallied = 0;
  /** The memory of the last copy, up to where it reaches in ours, and what to add to a place there. */
  #copy: ArrayBuffer | undefined;
  #copiedTo = 0;
  #shift = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, view: DataView<ArrayBuffer>, tally: Tally) {
    this.bytes = bytes;
    this.view = view;
    this.#tally = tally;
  }

  /** Begins a new stretch, whose places are in {@link places}. Call {@link tally} before they are overwritten. */
  begin(count: number): void {
    this.#tallied = 0;
    this.#copiedTo = 0;
    this.at = 0;
    this.count = count;
  }

  /** Counts what was read since the last call. */
  tally(): void {
    const { at, places } = this;
    let bytes = 0;
    for (let index = this.#tallied; index < at; index++) bytes += places[2 * index + 1] as number;
    this.#tally.bytes += bytes;
    this.#tally.received += at - this.#tallied;
    this.#tallied = at;
  }

  /**
   * Copies a record. Records up to `to` are copied with it, in one piece of memory that nothing else uses.
   *
   * @param index - of the record. Call this for one record after another
   */
  copy(index: number, to: number): Uint8Array<ArrayBuffer> {
    const start = this.places[2 * index] as number;
    const length = this.places[2 * index + 1] as number;
    if (start + length > this.#copiedTo) this.#copyFrom(index, to);
    return new Uint8Array(this.#copy as ArrayBuffer, start + this.#shift, length);
  }

  /** Reads the records up to `to` as copies. */
  copyAll(to: number, into: Uint8Array[]): void {
    const { places } = this;
    let index = this.at;
    while (index < to) {
      this.#copyFrom(index, to);
      const buffer = this.#copy as ArrayBuffer;
      const shift = this.#shift;
      const end = this.#copiedTo;
      for (; index < to; index++) {
        const start = places[2 * index] as number;
        const length = places[2 * index + 1] as number;
        if (start + length > end) break;
        into.push(new Uint8Array(buffer, start + shift, length));
      }
    }
    this.at = index;
  }

  #copyFrom(index: number, to: number): void {
    const { places } = this;
    const start = places[2 * index] as number;
    const endOf = (other: number): number =>
      (places[2 * other] as number) + (places[2 * other + 1] as number);
    const { copies } = this.#tally;
    const room = copies.room(endOf(index) - start);
    let last = to - 1;
    if (endOf(last) - start > room) {
      last = index;
      while (endOf(last + 1) - start <= room) last++;
    }
    const end = endOf(last);
    this.#copy = copies.add(this.bytes.subarray(start, end));
    this.#shift = copies.used - end;
    this.#copiedTo = end;
  }

  /** Ends it, because the memory goes. */
  close(): void {
    this.tally();
    this.closed = true;
    this.count = 0;
    this.#copy = undefined;
  }
}
