import type { Codec } from '../bytes/codec/index.ts';
import { BpfError, ClosedError, FormatError, rejectUnknownOptions } from '../errors/index.ts';
import { type Fd, type PollerShare, sharePoller } from '../sys/index.ts';
import {
  type AnyMap,
  checkLimit,
  checkRing,
  type ReadOptions,
  type RecordOf,
  type RingBufferOptions,
  type RunOptions,
  ringText,
} from './options.ts';
import { RingMemory } from './ring-memory.ts';

/** Records in one go: then the event loop gets its turn, however fast they come. */
const TURN = 4096;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Reads what BPF programs write into a map of type `ringbuf` (`ringbuf_output`, `ringbuf_reserve` and
 * `ringbuf_submit`). The records come in the order in which they were reserved; a ring has one reader.
 *
 * Reading takes no system calls; waiting takes one. The map may be closed meanwhile; close the reader, or use `using`.
 * Linux ≥ 5.8
 *
 * @example
 * using events = RingBuffer.open(map, { value: struct({ pid: u32, comm: string(16) }) });
 * for await (const { pid, comm } of events) console.log(pid, comm);
 */
export class RingBuffer<T = Uint8Array> implements AsyncIterable<T> {
  readonly #what: string;
  readonly #fd: Fd;
  readonly #memory: RingMemory;
  readonly #codec: Codec<T> | undefined;
  readonly #share: PollerShare;
  /** Whether a callback is at work on a record. */
  #reading = false;
  #stop: AbortController | undefined;

  private constructor(map: AnyMap, codec: Codec<T> | undefined) {
    this.#what = ringText(map);
    this.#codec = codec;
    this.#fd = map.fd.duplicate();
    try {
      this.#memory = new RingMemory(this.#fd, this.#what, map.maxEntries);
    } catch (error) {
      this.#fd.close();
      throw error;
    }
    this.#share = sharePoller();
  }

  /**
   * Opens a ring buffer for reading.
   *
   * @throws TypeError for a map of another type, and for unknown options
   * @throws BpfError `EPERM` when the map is frozen or was opened for reading only: the reader writes its position
   */
  static open<V = undefined, T = RecordOf<V>>(
    map: AnyMap<V>,
    options: RingBufferOptions<T> = {},
  ): RingBuffer<T> {
    checkRing('RingBuffer.open', map, 'ringbuf', options, ['value']);
    return new RingBuffer(map, options.value ?? (map.records as Codec<T> | undefined));
  }

  get closed(): boolean {
    return this.#memory.closed;
  }

  /** Bytes that are waiting, headers and records still being written included. @throws ClosedError */
  get available(): number {
    this.#assertOpen();
    return this.#memory.available;
  }

  /**
   * Reads what is there, without waiting.
   *
   * @param each - called for each record; false ends the reading behind that record
   * @returns how many records there were
   * @throws FormatError for a record shorter than the codec; that record is passed over
   * @throws ClosedError, and what `each` throws
   */
  read(each: (record: T) => unknown, options: ReadOptions = {}): number {
    return this.#each(() => each(this.#decode()), options);
  }

  /**
   * As {@link read}, with the record's memory itself: the fastest way. It is the callback's only until that returns,
   * and may not be written, which would kill the process.
   */
  readViews(each: (record: Uint8Array) => unknown, options: ReadOptions = {}): number {
    const { bytes } = this.#memory;
    return this.#each(() => {
      const { start, length } = this.#memory;
      return each(bytes.subarray(start, start + length));
    }, options);
  }

  /** What is there, without waiting. @throws like {@link read} */
  take(options: ReadOptions = {}): T[] {
    const records: T[] = [];
    this.read((record) => void records.push(record), options);
    return records;
  }

  /**
   * Calls back for each record from now on, until the reader is closed, the signal aborts, or the callback returns
   * false. Rejects with what the callback throws.
   */
  async run(each: (record: T) => unknown, options: RunOptions = {}): Promise<void> {
    rejectUnknownOptions('RingBuffer.run', options, ['signal']);
    const { signal } = options;
    this.#assertOpen();
    let go = true;
    const one = (record: T): boolean => {
      go = each(record) !== false && signal?.aborted !== true;
      return go;
    };
    while (!this.closed && signal?.aborted !== true) {
      const count = this.read(one, { limit: TURN });
      if (!go || this.closed) return;
      if (count === TURN) await nextTurn();
      else if (!(await this.#wait(signal))) return;
    }
  }

  /** The records one by one, until the reader is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.#assertOpen();
    for (let count = 1; !this.closed; count++) {
      const records = this.take({ limit: 1 });
      if (records.length > 0) yield* records;
      else if (!(await this.#wait())) return;
      if (count % TURN === 0) await nextTurn();
    }
  }

  /** The records in groups, as they are there: cheaper than one by one. Until the reader is closed. */
  async *batches(options: ReadOptions = {}): AsyncGenerator<T[], void, undefined> {
    const limit = Math.min(checkLimit('batches', options.limit), TURN);
    this.#assertOpen();
    while (!this.closed) {
      const records = this.take({ limit });
      if (records.length > 0) yield records;
      if (records.length === limit) await nextTurn();
      else if (this.closed || !(await this.#wait())) return;
    }
  }

  /** Ends every reading and waiting; any number of times, at any moment. */
  close(): void {
    if (this.#memory.closed) return;
    // The record that a callback is at work on counts as read; its memory goes with the mapping.
    if (this.#reading) this.#memory.advance();
    this.#memory.release();
    this.#stop?.abort();
    this.#memory.close();
    this.#share.release();
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen(): void {
    if (this.#memory.closed) throw new ClosedError(this.#what);
  }

  #decode(): T {
    const { start, length, bytes, view } = this.#memory;
    const codec = this.#codec;
    if (codec === undefined) return bytes.slice(start, start + length) as T;
    if (length < codec.size) {
      throw new FormatError(`${this.#what}: a record has ${length} bytes, ${codec.name} has ${codec.size}`);
    }
    return codec.decode(view, start);
  }

  #each(one: () => unknown, options: ReadOptions): number {
    rejectUnknownOptions('read', options, ['limit']);
    const limit = checkLimit('read', options.limit);
    this.#assertOpen();
    if (this.#reading) throw this.#inUse('its callback reads it');
    const memory = this.#memory;
    let count = 0;
    this.#reading = true;
    try {
      while (count < limit && memory.next() === 'record') {
        count++;
        let go: unknown;
        try {
          go = one();
        } finally {
          // Also when the callback has thrown: the same record would only make it throw again.
          if (!memory.closed) memory.advance();
        }
        if (go === false || memory.closed) break;
      }
    } finally {
      this.#reading = false;
      if (!memory.closed) memory.release();
    }
    return count;
  }

  /** Waits until there may be a record: true; false when the reader was closed or the signal aborted. */
  async #wait(signal?: AbortSignal): Promise<boolean> {
    if (this.#stop !== undefined) throw this.#inUse('somebody waits for it already');
    if (signal?.aborted === true) return false;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#stop = stop;
    try {
      // Records that were submitted without a wakeup are only found by looking.
      const next = this.#memory.next();
      this.#memory.release();
      if (next === 'busy') await this.#untilSubmitted(stop.signal);
      else if (next === 'empty') await this.#share.poller.wait(this.#fd, stop.signal);
      return !stop.signal.aborted && !this.closed;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#stop = undefined;
    }
  }

  /**
   * Waits for the kernel to say that the record at our position was submitted. To epoll the ring is readable all the
   * time, so asking again and again whether it is would only burn time.
   */
  async #untilSubmitted(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        resolve();
      };
      const stop = this.#share.poller.watch(this.#fd, () => {
        if (this.#memory.next() !== 'busy') end();
      });
      signal.addEventListener('abort', end, { once: true });
    });
  }

  #inUse(cause: string): BpfError {
    return new BpfError(`Cannot read ${this.#what}: ${cause}: a ring buffer has one reader`, {
      code: 'ERR_BPF_IN_USE',
    });
  }
}
