/** Remembers what the inputs have reached so far. */
import { COUNTERS } from './instrument.ts';

/** How often a branch was taken, in steps: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more. */
function step(count: number): number {
  if (count < 4) return count - 1;
  if (count < 8) return 3;
  if (count < 16) return 4;
  if (count < 32) return 5;
  return count < 128 ? 6 : 7;
}

const STEPS = Uint8Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 << step(count)));

/** Remembers which branches were taken, and about how often. */
export class Coverage {
  readonly #counters: Uint8Array;
  readonly #seen: Uint8Array;

  constructor() {
    const counters: unknown = Reflect.get(globalThis, COUNTERS);
    if (!(counters instanceof Uint8Array)) throw new Error('coverage/register.js has not been imported');
    this.#counters = counters;
    this.#seen = new Uint8Array(counters.length);
  }

  /** How many branches have been taken at least once. */
  get branches(): number {
    return this.#seen.reduce((sum, seen) => sum + (seen === 0 ? 0 : 1), 0);
  }

  /** Call this before each input. */
  clear(): void {
    this.#counters.fill(0);
  }

  /** Call this after each input. Returns whether the input did something that no input did before. */
  isNew(): boolean {
    let fresh = false;
    // Looks at four counters at a time, because most are zero.
    const words = new Uint32Array(this.#counters.buffer);
    for (let word = 0; word < words.length; word++) {
      if (words[word] === 0) continue;
      for (let i = word * 4; i < word * 4 + 4; i++) {
        const bit = STEPS[this.#counters[i] ?? 0] ?? 0;
        if ((bit & ~(this.#seen[i] ?? 0)) === 0) continue;
        this.#seen[i] = (this.#seen[i] ?? 0) | bit;
        fresh = true;
      }
    }
    return fresh;
  }
}
