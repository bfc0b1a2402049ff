import type { Codec } from '../bytes/codec/index.ts';
import {
  BpfError,
  ClosedError,
  checkFunction,
  checkSignal,
  FormatError,
  rejectUnknownOptions,
} from '../errors/index.ts';
import { type Claim, type PollerShare, sharePoller } from '../sys/index.ts';
import { checkLimit, type ReadOptions, type RunOptions } from './options.ts';
import type { AnyMap, RecordSource } from './source.ts';

/** How many records are read in one go. Then the event loop gets its turn, however fast records come. */
const TURN = 4096;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Options of readers of every kind. */
export interface EventReaderOptions<T> {
  /**
   * What a record holds. Longer records are read only that far. Default: what the map says about its records, as the
   * source of an object file does with `__type(value, ...)`; else a copy of the plain bytes.
   */
  readonly value?: Codec<T> | undefined;
}

/**
 * Reads records that BPF programs write to memory shared with this process. It is the same for every kind of such
 * memory: `RingBuffer` and `PerfBuffer` open them.
 */
export abstract class EventReader<T = Uint8Array> implements AsyncIterable<T> {
  readonly #what: string;
  readonly #claim: Claim;
  readonly #memory: RecordSource;
  readonly #codec: Codec<T> | undefined;
  readonly #share: PollerShare;
  /** Whether a callback is working on a record. */
  #reading = false;
  #stop: AbortController | undefined;

  /** The reader owns the source and the claim on the map from here on, and closes them. */
  protected constructor(
    what: string,
    claim: Claim,
    source: RecordSource,
    { records }: AnyMap,
    { value }: EventReaderOptions<T>,
  ) {
    this.#what = what;
    this.#claim = claim;
    this.#memory = source;
    this.#codec = value ?? (records as Codec<T> | undefined);
    try {
      this.#share = sharePoller();
    } catch (error) {
      source.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#memory.closed;
  }

  /** Bytes that are waiting. Headers and records still being written count too. @throws ClosedError */
  get available(): number {
    this.#assertOpen();
    return this.#memory.available;
  }

  /**
   * Reads what is there, without waiting.
   *
   * @param each - called for each record; false ends the reading after that record
   * @returns how many records there were
   * @throws FormatError for a record shorter than the codec; that record is skipped
   * @throws TypeError if `each` is not a function; ClosedError, and what `each` throws
   */
  read(each: (record: T) => unknown, options: ReadOptions = {}): number {
    if (typeof each !== 'function') checkFunction('read: each', each);
    return this.#each('read', () => each(this.#decode()), options);
  }

  /**
   * Like {@link read}, with the record's memory itself: the fastest way. Use the memory only until the callback
   * returns. Do not write to it: a write ends the process.
   */
  readViews(each: (record: Uint8Array) => unknown, options: ReadOptions = {}): number {
    if (typeof each !== 'function') checkFunction('readViews: each', each);
    return this.#each(
      'readViews',
      () => {
        const { bytes, start, length } = this.#memory;
        return each(bytes.subarray(start, start + length));
      },
      options,
    );
  }

  /** Returns what is there, without waiting. @throws like {@link read} */
  take(options: ReadOptions = {}): T[] {
    const records: T[] = [];
    this.#each('take', () => void records.push(this.#decode()), options);
    return records;
  }

  /**
   * Calls back for each record from now on, until the reader is closed, the signal aborts, or the callback returns
   * false. Rejects with what the callback throws.
   */
  async run(each: (record: T) => unknown, options: RunOptions = {}): Promise<void> {
    checkFunction('run: each', each);
    rejectUnknownOptions('run', options, ['signal']);
    const { signal } = options;
    checkSignal('run', signal);
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

  /** The records in groups, as they come: cheaper than one by one. Until the reader is closed. */
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

  /** Ends all reading and waiting. You may call it any number of times, at any moment. */
  close(): void {
    if (this.#memory.closed) return;
    // The record that a callback is working on counts as read. Its memory goes with the mapping.
    if (this.#reading) this.#memory.advance();
    this.#memory.release();
    this.#stop?.abort();
    this.#memory.close();
    this.#share.release();
    // This comes last: the next reader begins at the position that this one has left.
    this.#claim.close();
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
      throw new FormatError(
        `${this.#what}: a record has ${length} bytes, but ${codec.name} has ${codec.size}`,
      );
    }
    return codec.decode(view, start);
  }

  /** @param what - the method, for errors */
  #each(what: string, one: () => unknown, options: ReadOptions): number {
    rejectUnknownOptions(what, options, ['limit']);
    const limit = checkLimit(what, options.limit);
    this.#assertOpen();
    if (this.#reading) throw this.#inUse('its callback already reads it');
    const memory = this.#memory;
    let count = 0;
    this.#reading = true;
    try {
      while (count < limit && memory.next()) {
        count++;
        let go: unknown;
        try {
          go = one();
        } finally {
          // Also if the callback has thrown: the same record would only make it throw again.
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

  /** Waits until there may be a record. True then; false when the reader was closed or the signal aborted. */
  async #wait(signal?: AbortSignal): Promise<boolean> {
    if (this.#stop !== undefined) throw this.#inUse('another call already waits for it');
    if (signal?.aborted === true) return false;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#stop = stop;
    try {
      await this.#memory.wait(this.#share.poller, stop.signal);
      return !stop.signal.aborted && !this.closed;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#stop = undefined;
    }
  }

  #inUse(cause: string): BpfError {
    return new BpfError(`Cannot read ${this.#what}: ${cause}: a buffer has one reader`, {
      code: 'ERR_BPF_IN_USE',
    });
  }
}
