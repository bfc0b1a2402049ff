/** The input that is being read now, in memory that the watching thread can see too. */
import type { Input } from './target.ts';

/** Larger than any input. */
const SIZE = 1 << 24;

export class SharedInput {
  readonly memory: SharedArrayBuffer;
  /** The number of the run (0 between runs), then the lengths of the parts, then -1. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(SIZE)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, 16);
    this.#bytes = new Uint8Array(memory, 64);
  }

  begin(run: number, input: Input): void {
    let at = 0;
    for (const [i, part] of input.entries()) {
      this.#words[1 + i] = part.length;
      this.#bytes.set(part, at);
      at += part.length;
    }
    this.#words[1 + input.length] = -1;
    Atomics.store(this.#words, 0, run);
  }

  end(): void {
    Atomics.store(this.#words, 0, 0);
  }

  /** The number of the run, or 0 between runs. */
  get run(): number {
    return Atomics.load(this.#words, 0);
  }

  read(): Input {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const length of this.#words.subarray(1)) {
      if (length < 0) break;
      parts.push(this.#bytes.slice(at, at + length));
      at += length;
    }
    return parts;
  }
}
