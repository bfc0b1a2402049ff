import { NOTHING, type Passes } from './passes.ts';

/** How many records are handed out in one go. Then the event loop gets its turn, however fast records come. */
export const TURN = 4096;

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Result<T> = IteratorResult<T, void>;

/**
 * Hands out the records of a reader one by one. If there is a record, it is read and handed out at once, in a promise
 * that is already resolved. An async generator needs twice as long, and suspends its caller three times for each record.
 */
export class RecordIterator<T> implements AsyncGenerator<T, void, undefined> {
  readonly #passes: Passes<T>;
  readonly #waitFor: (begun: (stop: () => void) => void) => Promise<boolean>;
  #started = false;
  #done = false;
  /** How many records may still be handed out at once. 0 while a call waits, at the beginning, and at the end. */
  #left = 0;
  /** The call that waits now. Calls after it wait for it, as those of a generator do. */
  #waiting: Promise<unknown> | undefined;
  /** Ends the wait that goes on. */
  #stop: (() => void) | undefined;

  /** @param wait - waits until there may be a record. False if the reader was closed or the signal aborted */
  constructor(passes: Passes<T>, wait: (begun: (stop: () => void) => void) => Promise<boolean>) {
    this.#passes = passes;
    this.#waitFor = wait;
  }

  next(): Promise<Result<T>> {
    if (this.#left === 0) {
      if (this.#started) return this.#later();
      const problem = this.#start();
      if (problem !== undefined) return problem;
    }
    try {
      const value = this.#passes.next();
      if (value !== NOTHING) {
        this.#left--;
        return Promise.resolve({ value, done: false });
      }
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
    return this.#later();
  }

  /** Ends the iteration, and a call that waits. Records that were not handed out stay for the next reading. */
  return(): Promise<Result<T>> {
    this.#end();
    this.#stop?.();
    const { source } = this.#passes;
    if (!source.closed) source.release();
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

  /** Returns a rejected promise if the reader is closed. */
  #start(): Promise<Result<T>> | undefined {
    this.#started = true;
    try {
      this.#passes.assertOpen();
      this.#left = TURN;
      return undefined;
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
  }

  #end(): void {
    this.#started = true;
    this.#done = true;
    this.#left = 0;
  }

  async #after(other: Promise<unknown>): Promise<Result<T>> {
    await other.catch(() => {});
    return this.next();
  }

  #later(): Promise<Result<T>> {
    if (this.#waiting !== undefined) return this.#after(this.#waiting);
    if (this.#done) return Promise.resolve({ value: undefined, done: true });
    const turn = this.#left === 0;
    this.#left = 0;
    const waiting = this.#wait(turn).finally(() => {
      this.#waiting = undefined;
      if (!this.#done) this.#left = TURN;
    });
    this.#waiting = waiting;
    return waiting;
  }

  readonly #begun = (stop: () => void): void => {
    this.#stop = stop;
  };

  /** @param turn - whether the event loop gets its turn first */
  async #wait(turn: boolean): Promise<Result<T>> {
    try {
      if (turn) await nextTurn();
      while (!this.#done && !this.#passes.source.closed) {
        const value = this.#passes.next();
        if (value !== NOTHING) return { value, done: false };
        if (!(await this.#waitFor(this.#begun))) break;
      }
      this.#end();
      return { value: undefined, done: true };
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#stop = undefined;
    }
  }
}
