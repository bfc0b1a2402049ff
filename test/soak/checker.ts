import { lengthOf, type Producer, problemOf, writerOf } from './producers.ts';

/** Thrown by consumers now and then. No other code throws it. */
export class Thrown extends Error {}

export const chance = (count: number): number => Math.floor(Math.random() * count);

/**
 * Checks the records of several producers: each record is whole, and those of one producer are in order, without gaps
 * or duplicates.
 */
export class Checker {
  readonly problems: string[] = [];
  readonly seen: Map<number, bigint> = new Map();
  count: number = 0;
  thrown: number = 0;
  readonly #slow: boolean;

  /** @param slow - whether programs work on some of the records for a while */
  constructor(slow: boolean) {
    this.#slow = slow;
  }

  /** @param writer - the writer if the reader tells it, otherwise the record says who wrote it */
  check(record: Uint8Array, writer?: number): void {
    this.count++;
    const id = writer ?? writerOf(record);
    const sequence = this.seen.get(id) ?? 0n;
    const problem = problemOf(record, id, sequence, lengthOf(sequence, this.#slow));
    if (problem !== undefined && this.problems.length < 10) this.problems.push(problem);
    this.seen.set(id, sequence + 1n);
  }

  /** Does the same for a consumer that throws after about this many records. */
  checkAndThrow(each: number, record: Uint8Array): void {
    this.check(record);
    if (chance(each) > 0) return;
    this.thrown++;
    throw new Thrown();
  }

  /** Checks that nothing is missing at the end. */
  finish(producers: readonly Producer[]): void {
    for (const { id, counts } of producers) {
      const { written } = counts();
      const seen = this.seen.get(id) ?? 0n;
      if (seen !== written) this.problems.push(`producer ${id} wrote ${written} records, ${seen} were read`);
    }
  }
}

/** Runs code that may throw {@link Thrown}. */
export async function tolerate(body: () => unknown): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
  }
}
