import type { Codec } from '../bytes/codec/index.ts';
import { checkFunction, checkSignal, rejectUnknownOptions } from '../errors/index.ts';
import { type Claim, type PollerShare, sharePoller } from '../sys/index.ts';
import { checkLimit, type ReadOptions, type RunOptions } from './options.ts';
import { Passes } from './passes.ts';
import { nextTurn, RecordIterator, TURN } from './record-iterator.ts';
import type { AnyMap, RecordSource } from './source.ts';
import type { RecordCounts } from './stretch.ts';

/** How many records a group of `batches` has at most. Of larger groups, more outlive a garbage collection. */
const GROUP = 1024;

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
  readonly #passes: Passes<T>;
  readonly #claim: Claim;
  readonly #source: RecordSource;
  readonly #share: PollerShare;
  /** Ends the wait that goes on. */
  #stop: (() => void) | undefined;

  /** The reader owns the source and the claim on the map from here on, and closes them. */
  protected constructor(
    what: string,
    claim: Claim,
    source: RecordSource,
    { records }: AnyMap,
    { value }: EventReaderOptions<T>,
  ) {
    this.#passes = new Passes(what, source, value ?? (records as Codec<T> | undefined));
    this.#claim = claim;
    this.#source = source;
    try {
      this.#share = sharePoller();
    } catch (error) {
      source.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#source.closed;
  }

  /** Bytes that are waiting. Headers and records still being written count too. @throws ClosedError */
  get available(): number {
    this.#passes.assertOpen();
    return this.#source.available;
  }

  /** What was read since the reader was opened. */
  get records(): RecordCounts {
    return this.#source.counts;
  }

  /**
   * Reads what is there, without waiting.
   *
   * Plain bytes are copied many records at a time: a record that you keep also keeps up to 64 KiB of the records around
   * it. Its `buffer` has their bytes too, so use `byteOffset`, and copy (`slice()`) what you keep for long or transfer.
   *
   * @param each - called for each record; false ends the reading after that record
   * @returns how many records there were
   * @throws FormatError for a record shorter than the codec; that record is skipped
   * @throws TypeError if `each` is not a function; ClosedError, and what `each` throws
   */
  read(each: (record: T) => unknown, options: ReadOptions = {}): number {
    return this.#passes.read(each, options);
  }

  /**
   * Like {@link read}, with the record's memory itself. Use the memory only until the callback returns. Do not write to
   * it: a write ends the process.
   */
  readViews(each: (record: Uint8Array) => unknown, options: ReadOptions = {}): number {
    return this.#passes.readViews(each, options);
  }

  /**
   * Like {@link readViews}, without an object for each record: the fastest way. The record is `length` bytes of `view`
   * from `offset` on. Codecs read it with `codec.decode(view, offset)`; check first that `length` is at least
   * `codec.size`, because other records follow.
   *
   * Use the view only until the callback returns, and do not write to it: a write ends the process.
   */
  readInPlace(
    each: (view: DataView<ArrayBuffer>, offset: number, length: number) => unknown,
    options: ReadOptions = {},
  ): number {
    return this.#passes.readInPlace(each, options);
  }

  /** Returns what is there, without waiting. Copies are made as by {@link read}. @throws like {@link read} */
  take(options: ReadOptions = {}): T[] {
    return this.#passes.take(options);
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
    this.#passes.assertOpen();
    let aborted = signal?.aborted === true;
    const abort = (): void => {
      aborted = true;
    };
    // A listener, because asking the signal takes as long as reading a record.
    signal?.addEventListener('abort', abort, { once: true });
    const one = (record: T): boolean => each(record) !== false && !aborted;
    try {
      while (!this.closed && !aborted) {
        const count = this.read(one, { limit: TURN });
        if (this.#passes.ended || this.closed) return;
        if (count === TURN) await nextTurn();
        else if (!(await this.#wait(signal))) return;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Waits until there may be a record, and reads nothing. Use it in a loop with {@link readInPlace} or
   * {@link readViews}. It may resolve without a new record, so read in a loop.
   *
   * @param options - `signal`: ends the waiting
   * @returns true when there may be records; false when the reader was closed or the signal aborted
   * @throws BpfError `ERR_BPF_IN_USE` while another call waits for this reader; ClosedError; TypeError
   */
  async wait(options: RunOptions = {}): Promise<boolean> {
    rejectUnknownOptions('wait', options, ['signal']);
    checkSignal('wait', options.signal);
    this.#passes.assertOpen();
    return await this.#wait(options.signal);
  }

  /**
   * The records one by one, until the reader is closed. Records that a loop has not come to when it ends stay for the
   * next reading. The memory of those that it has come to is given back to the kernel in stretches.
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return new RecordIterator(this.#passes, (begun) => this.#wait(undefined, begun));
  }

  /**
   * The records in groups, as they come: cheaper than one by one. Until the reader is closed.
   *
   * @param options - `limit`: the most records in a group. Default and maximum: 1024
   */
  async *batches(options: ReadOptions = {}): AsyncGenerator<T[], void, undefined> {
    const limit = Math.min(checkLimit('batches', options.limit), GROUP);
    this.#passes.assertOpen();
    for (let count = 0; !this.closed; ) {
      const records = this.take({ limit });
      count += records.length;
      if (records.length > 0) yield records;
      if (records.length < limit) {
        if (this.closed || !(await this.#wait())) return;
      } else if (count >= TURN) {
        count = 0;
        await nextTurn();
      }
    }
  }

  /** Ends all reading and waiting. You may call it any number of times, at any moment. */
  close(): void {
    if (this.#source.closed) return;
    // The record that a callback is working on counts as read. Its memory goes with the mapping.
    this.#source.release();
    this.#stop?.();
    this.#source.close();
    this.#share.release();
    // This comes last: the next reader begins at the position that this one has left.
    this.#claim.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Waits until there may be a record. True then; false when the reader was closed or the signal aborted. A reader that
   * waits is woken with few steps: a promise or a signal more costs microseconds.
   *
   * @param begun - gets a function that ends the waiting
   */
  #wait(signal?: AbortSignal, begun?: (stop: () => void) => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#stop !== undefined) throw this.#passes.inUse('another call already waits for it');
      if (signal?.aborted === true) return resolve(false);
      const end = (): void => {
        this.#stop = undefined;
        signal?.removeEventListener('abort', stop);
      };
      const ready = (error?: unknown): void => {
        end();
        if (error === undefined) resolve(!this.closed);
        else reject(error);
      };
      const cancel = this.#source.wait(this.#share.poller, ready);
      if (cancel === undefined) return resolve(!this.closed);
      const stop = (): void => {
        if (this.#stop !== stop) return;
        end();
        cancel();
        resolve(false);
      };
      this.#stop = stop;
      signal?.addEventListener('abort', stop, { once: true });
      begun?.(stop);
    });
  }
}
