/** What an iterator needs of its reader. */
export interface RecordFeed<T> {
  readonly closed: boolean;
  /** Reads the next record, if there is one now. @throws BpfError, FormatError */
  read(): T | typeof NOTHING;
  /** Gives back the memory of what was read. */
  release(): void;
  /** Waits until there may be a record. False if the reader was closed or the signal aborted. */
  wait(signal: AbortSignal): Promise<boolean>;
  assertOpen(): void;
}

/** There is no record to read now. A record itself may be undefined. */
export const NOTHING: unique symbol = Symbol('no record');

/** How many records are handed out in one go. Then the event loop gets its turn, however fast records come. */
export const TURN = 4096;

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Result<T> = IteratorResult<T, void>;

/**
 * Hands out the records of a reader one by one. If there is a record, it is read and handed out at once, in a promise
 * that is already resolved. An async generator needs twice as long, and suspends its caller three times for each record.
 */
export class RecordIterator<T> implements AsyncGenerator<T, void, undefined> {
  readonly #feed: RecordFeed<T>;
  #started = false;
  #done = false;
  #count = 0;
  /** The call that waits now. Calls after it wait for it, as those of a generator do. */
  #waiting: Promise<unknown> | undefined;
  #stop: AbortController | undefined;

  constructor(feed: RecordFeed<T>) {
    this.#feed = feed;
  }

  next(): Promise<Result<T>> {
    if (this.#waiting !== undefined) return this.#after(this.#waiting);
    if (!this.#done && this.#count < TURN) {
      try {
        this.#start();
        const value = this.#feed.read();
        if (value !== NOTHING) {
          this.#count++;
          return Promise.resolve({ value, done: false });
        }
      } catch (error) {
        this.#done = true;
        return Promise.reject(error);
      }
    }
    return this.#done ? Promise.resolve({ value: undefined, done: true }) : this.#later();
  }

  /** Ends the iteration, and a call that waits. Records that were not handed out stay for the next reading. */
  return(): Promise<Result<T>> {
    this.#done = true;
    this.#stop?.abort();
    this.#feed.release();
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<Result<T>> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #start(): void {
    if (!this.#started) this.#feed.assertOpen();
    this.#started = true;
  }

  async #after(other: Promise<unknown>): Promise<Result<T>> {
    await other.catch(() => {});
    return this.next();
  }

  #later(): Promise<Result<T>> {
    const waiting = this.#wait().finally(() => {
      this.#waiting = undefined;
    });
    this.#waiting = waiting;
    return waiting;
  }

  async #wait(): Promise<Result<T>> {
    try {
      if (this.#count >= TURN) await nextTurn();
      this.#count = 0;
      this.#stop = new AbortController();
      while (!this.#done && !this.#feed.closed) {
        const value = this.#feed.read();
        if (value !== NOTHING) return { value, done: false };
        if (!(await this.#feed.wait(this.#stop.signal))) break;
      }
      this.#done = true;
      return { value: undefined, done: true };
    } catch (error) {
      this.#done = true;
      throw error;
    } finally {
      this.#stop = undefined;
    }
  }
}
