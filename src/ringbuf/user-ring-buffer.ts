import type { Codec } from '../bytes/codec/index.ts';
import { BpfError, ClosedError, rejectUnknownOptions } from '../errors/index.ts';
import { type AnyMap, claimMap, type Fitting, type RecordOf, type RunOptions } from '../events/index.ts';
import { type Claim, type PollerShare, sharePoller } from '../sys/index.ts';
import { checkRing, ringText } from './options.ts';
import { UserRingMemory } from './user-ring-memory.ts';

/** How records are written. */
export interface UserRingBufferOptions<T> {
  /**
   * What a record holds. Default: what the map says of its records, as the source of an object file does with
   * `__type(value, ...)`; else the bytes given.
   */
  readonly value?: Codec<T> | undefined;
}

/** Room for one record. Programs read nothing behind it until it is submitted or discarded. */
export interface Reservation {
  /** The record's memory in the ring, with whatever was there before; of length 0 when the ring is closed. */
  readonly bytes: Uint8Array;
  /** Hands the record to programs. @throws ClosedError, also the second time */
  submit(): void;
  /** Gives the record up: programs pass over it. No effect when that or {@link submit} was done. */
  discard(): void;
}

/**
 * Writes records that BPF programs read from a map of type `user_ringbuf` (`user_ringbuf_drain`), in the order in which
 * they are written. A ring has one writer: a second one in this process is refused, also in another worker thread; one in
 * another process must be kept away by you.
 *
 * Writing takes no system call and wakes nobody: programs find the records when they next look. The map may be closed
 * meanwhile; close the writer, or use `using`. Linux >= 6.1
 *
 * @example
 * using commands = UserRingBuffer.open(ring, { value: struct({ kind: u32, value: u32 }) });
 * if (!commands.write({ kind: 1, value: 7 })) console.log('no program has read for a while');
 */
export class UserRingBuffer<T = Uint8Array> {
  readonly #what: string;
  readonly #claim: Claim;
  readonly #memory: UserRingMemory;
  readonly #codec: Codec<T> | undefined;
  readonly #share: PollerShare;
  readonly #reserved = new Set<Reservation>();
  readonly #stop = new AbortController();
  #waiting = false;
  /** Whether a codec is at work on the next record. */
  #writing = false;

  private constructor(map: AnyMap, claim: Claim, options: UserRingBufferOptions<T>) {
    this.#what = ringText(map);
    this.#claim = claim;
    this.#codec = options.value ?? (map.records as Codec<T> | undefined);
    this.#memory = new UserRingMemory(map.fd.duplicate(), this.#what, map.maxEntries);
    try {
      this.#share = sharePoller();
    } catch (error) {
      this.#memory.close();
      throw error;
    }
  }

  /**
   * Opens a ring for writing.
   *
   * Records that a writer had reserved when it ended without closing are given up: programs pass over them.
   *
   * @throws TypeError for a map of another type, and for unknown options
   * @throws BpfError `EPERM` when the map is frozen or was opened for reading only; `ERR_BPF_IN_USE` when this process
   *   writes the ring already, here or in another worker thread
   */
  static open<M extends AnyMap, T = RecordOf<M>>(
    map: Fitting<M, 'user_ringbuf'>,
    options: UserRingBufferOptions<T> = {},
  ): UserRingBuffer<T> {
    checkRing('UserRingBuffer.open', map, 'user_ringbuf', options, ['value']);
    return claimMap(map, ringText(map), 'writer', (claim) => new UserRingBuffer(map, claim, options));
  }

  get closed(): boolean {
    return this.#memory.closed;
  }

  /** Bytes that are written and that no program has read yet, headers included. @throws ClosedError */
  get available(): number {
    this.#assertOpen();
    return this.#memory.available;
  }

  /**
   * Writes one record.
   *
   * @returns false when the ring has no room for it now; nothing is written then
   * @throws RangeError for a record that is longer than the ring, and what the codec throws; ClosedError, also when the
   *   codec closes the writer: nothing is written then
   * @throws BpfError `ERR_BPF_IN_USE` when a codec that encodes a record for this writer writes or reserves another
   */
  write(record: T): boolean {
    const codec = this.#codec;
    if (codec === undefined && !(record instanceof Uint8Array)) {
      throw new TypeError(`write: without a codec, records are Uint8Array, got ${typeof record}`);
    }
    const length = codec === undefined ? (record as Uint8Array).length : codec.size;
    if (!this.#hasRoom('write', length)) return false;
    const memory = this.#memory;
    // Seen by programs only once it is whole: if the codec throws, or closes the writer, nothing was written.
    this.#writing = true;
    try {
      if (codec === undefined) memory.bytes.set(record as Uint8Array, memory.next);
      else codec.encode(memory.view, memory.next, record);
    } finally {
      this.#writing = false;
    }
    this.#assertOpen();
    memory.add(length);
    return true;
  }

  /**
   * Takes room for a record of this many bytes, to be filled in place.
   *
   * @returns undefined when the ring has no room for it now
   * @throws RangeError for a record that is longer than the ring; ClosedError
   * @throws BpfError `ERR_BPF_IN_USE` while a codec encodes a record for this writer
   */
  reserve(length: number): Reservation | undefined {
    if (!this.#hasRoom('reserve', length)) return undefined;
    const memory = this.#memory;
    const start = memory.begin(length);
    const end = (discard: boolean): void => {
      this.#reserved.delete(reservation);
      memory.end(start, length, discard);
    };
    const reservation: Reservation = {
      bytes: memory.bytes.subarray(start, start + length),
      submit: () => {
        if (!this.#reserved.has(reservation)) throw new ClosedError(`record of ${this.#what}`);
        end(false);
      },
      discard: () => {
        if (this.#reserved.has(reservation)) end(true);
      },
    };
    this.#reserved.add(reservation);
    return reservation;
  }

  /**
   * Waits until a record of this many bytes finds room, as programs read: true; false when the writer was closed or the
   * signal aborted first.
   *
   * @throws BpfError `ERR_BPF_IN_USE` when somebody waits already, and while a codec encodes a record for this writer;
   *   RangeError, ClosedError
   */
  async room(length: number, options: RunOptions = {}): Promise<boolean> {
    rejectUnknownOptions('room', options, ['signal']);
    const { signal } = options;
    if (this.#hasRoom('room', length)) return true;
    const stop = AbortSignal.any([this.#stop.signal, ...(signal === undefined ? [] : [signal])]);
    if (stop.aborted) return false;
    if (this.#waiting) {
      throw new BpfError(`Cannot wait for ${this.#what}: another call already waits for it`, {
        code: 'ERR_BPF_IN_USE',
      });
    }
    this.#waiting = true;
    return await new Promise((resolve) => {
      const end = (): void => {
        unwatch();
        // Else a signal that aborts later would end the next wait.
        stop.removeEventListener('abort', end);
        this.#waiting = false;
        resolve(!stop.aborted);
      };
      const unwatch = this.#share.poller.watchWritable(this.#memory.fd, () => {
        if (this.#memory.fits(length)) end();
      });
      stop.addEventListener('abort', end, { once: true });
      // A program may have read since we looked.
      if (this.#memory.fits(length)) end();
    });
  }

  /** Ends every wait, and gives up what is reserved; any number of times, at any moment. */
  close(): void {
    if (this.#memory.closed) return;
    // A record that is never ended would hold back what the next writer writes.
    for (const reservation of [...this.#reserved]) reservation.discard();
    this.#stop.abort();
    this.#memory.close();
    this.#share.release();
    this.#claim.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen(): void {
    if (this.#memory.closed) throw new ClosedError(this.#what);
  }

  #hasRoom(what: string, length: number): boolean {
    this.#assertOpen();
    if (this.#writing) {
      throw new BpfError(`Cannot ${what}: the codec of ${this.#what} is at work on another record`, {
        code: 'ERR_BPF_IN_USE',
      });
    }
    const { longest } = this.#memory;
    if (!Number.isInteger(length) || length < 0 || length > longest) {
      throw new RangeError(`${what}: a record of ${this.#what} has 0 to ${longest} bytes, got ${length}`);
    }
    return this.#memory.fits(length);
  }
}
