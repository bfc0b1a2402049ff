import type { Codec } from '../bytes/codec/index.ts';
import {
  BpfError,
  ClosedError,
  checkOurs,
  checkSignal,
  OURS,
  rejectUnknownOptions,
  wrongType,
} from '../errors/index.ts';
import { type AnyMap, claimMap, type Fitting, type RecordOf, type RunOptions } from '../events/index.ts';
import { type Claim, type PollerShare, sharePoller } from '../sys/index.ts';
import { checkRing, ringText } from './options.ts';
import { UserRingMemory } from './user-ring-memory.ts';

/** How records are written. */
export interface UserRingBufferOptions<T> {
  /**
   * What a record holds. Default: what the map says about its records, as the source of an object file does with
   * `__type(value, ...)`; else the plain bytes that you pass.
   */
  readonly value?: Codec<T> | undefined;
}

/** Room for one record. Programs do not read it, or any record after it, until it is submitted or discarded. */
export interface Reservation {
  /** The memory of the record in the ring, still with old contents. It has length 0 when the writer is closed. */
  readonly bytes: Uint8Array;
  /** Hands the record to programs. @throws ClosedError, also if it was submitted or discarded already */
  submit(): void;
  /** Gives the record up: programs skip it. Does nothing if it was submitted or discarded already. */
  discard(): void;
}

/**
 * Writes records into a map of type `user_ringbuf`. BPF programs read them with `user_ringbuf_drain`, in the order in
 * which they are written. A ring has one writer. A second one in this process is refused, also in another worker
 * thread. Keep other processes from writing to the ring yourself.
 *
 * Writing takes no system call and wakes nobody: programs find the records when they next look. You may close the map
 * while the writer is open. Close the writer, or use `using`. Linux >= 6.1
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
  /** Whether a codec is encoding the next record. */
  #writing = false;

  private constructor(key: typeof OURS, map: AnyMap, claim: Claim, options: UserRingBufferOptions<T>) {
    checkOurs(key, 'UserRingBuffer', 'UserRingBuffer.open');
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
   * If an earlier writer ended without closing, the records that it had reserved are discarded: programs skip them.
   *
   * @throws TypeError for a map of another type, and for unknown options
   * @throws BpfError `EPERM` when the map is frozen; `EINVAL` when it was opened for reading only, `EACCES` for writing
   *   only; `ERR_BPF_IN_USE` when this process writes the ring already, here or in another worker thread
   */
  static open<M extends AnyMap, T = RecordOf<M>>(
    map: Fitting<M, 'user_ringbuf'>,
    options: UserRingBufferOptions<T> = {},
  ): UserRingBuffer<T> {
    checkRing('UserRingBuffer.open', map, 'user_ringbuf', options, ['value']);
    return claimMap(map, ringText(map), 'writer', (claim) => new UserRingBuffer(OURS, map, claim, options));
  }

  get closed(): boolean {
    return this.#memory.closed;
  }

  /** Bytes that are written and not yet read by a program, including headers. @throws ClosedError */
  get available(): number {
    this.#assertOpen();
    return this.#memory.available;
  }

  /**
   * Writes one record.
   *
   * @returns false when the ring has no room for the record now: nothing is written then
   * @throws TypeError for a record that is not a Uint8Array, if there is no codec
   * @throws RangeError for a record that is longer than the ring, and what the codec throws; ClosedError, also when the
   *   codec closes the writer. Nothing is written then
   * @throws BpfError `ERR_BPF_IN_USE` when a codec that is encoding a record for this writer writes or reserves another
   */
  write(record: T): boolean {
    const codec = this.#codec;
    if (codec === undefined && !(record instanceof Uint8Array)) {
      throw new TypeError(`write: without a codec, records are Uint8Array, got ${typeof record}`);
    }
    const length = codec === undefined ? (record as Uint8Array).length : codec.size;
    if (!this.#hasRoom('write', length)) return false;
    const memory = this.#memory;
    // Programs see the record only when it is complete: if the codec throws or closes the writer, nothing is written.
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
   * Reserves room for a record of this many bytes, which you fill in place.
   *
   * @returns undefined when the ring has no room for it now
   * @throws TypeError if `length` is not a number; RangeError for a record that is longer than the ring; ClosedError
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
   * Waits until programs have read enough to make room for a record of this many bytes. Resolves to true then, or to
   * false if the writer is closed or the signal aborts first.
   *
   * @throws BpfError `ERR_BPF_IN_USE` when another call waits already, and while a codec encodes a record for this
   *   writer; TypeError, RangeError, ClosedError
   */
  async room(length: number, options: RunOptions = {}): Promise<boolean> {
    rejectUnknownOptions('room', options, ['signal']);
    const { signal } = options;
    checkSignal('room', signal);
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
        // Otherwise a signal that aborts later would end the next wait.
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

  /** Ends every wait and discards reserved records. You may call it any number of times, at any moment. */
  close(): void {
    if (this.#memory.closed) return;
    // A record that stays reserved would block the records of the next writer.
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
      if (typeof length !== 'number') throw wrongType(`${what}: the length`, 'a number', length);
      throw new RangeError(`${what}: a record of ${this.#what} has 0 to ${longest} bytes, got ${length}`);
    }
    return this.#memory.fits(length);
  }
}
