import { lengthOf, numberOf, type Producer, problemOf, writerOf } from './producers.ts';

/** Thrown by consumers now and then. No other code throws it. */
export class Thrown extends Error {}

export const chance = (count: number): number => Math.floor(Math.random() * count);

/** What was seen of one producer. */
interface Seen {
  /** The number that comes next. */
  next: bigint;
  count: bigint;
  /** Numbers that were left out: records that found no room. */
  gaps: bigint;
}

/**
 * Checks the records of several producers: each record is whole, and those of one producer are in order, without
 * duplicates. As many are missing as the producer itself says.
 */
export class Checker {
  readonly problems: string[] = [];
  count: number = 0;
  thrown: number = 0;
  readonly #seen = new Map<number, Seen>();
  readonly #slow: boolean;

  /** @param slow - whether programs work on some of the records for a while */
  constructor(slow: boolean) {
    this.#slow = slow;
  }

  /** @param writer - the writer if the reader tells it, otherwise the record says who wrote it */
  check(record: Uint8Array, writer?: number): void {
    this.count++;
    const id = writer ?? writerOf(record);
    const seen = this.#of(id);
    const number = numberOf(record);
    const problem =
      number < seen.next
        ? `record ${number} of ${id} came after ${seen.next - 1n}`
        : problemOf(record, id, number, lengthOf(number, this.#slow));
    if (problem !== undefined && this.problems.length < 10) this.problems.push(problem);
    seen.count++;
    seen.gaps += number - seen.next;
    seen.next = number + 1n;
  }

  /** Does the same for a consumer that throws after about this many records. */
  checkAndThrow(each: number, record: Uint8Array): void {
    this.check(record);
    if (chance(each) > 0) return;
    this.thrown++;
    throw new Thrown();
  }

  /** Checks at the end that nothing is missing but what the producers have counted. Returns that number. */
  finish(producers: readonly Producer[]): bigint {
    let total = 0n;
    for (const { id, counts } of producers) {
      const { written, dropped } = counts();
      const { next, count, gaps } = this.#of(id);
      // Those after the last record that found room.
      const missing = gaps + (written + dropped - next);
      if (count !== written)
        this.problems.push(`producer ${id} wrote ${written} records, ${count} were read`);
      if (missing !== dropped) {
        this.problems.push(`for producer ${id}, ${dropped} records found no room, ${missing} are missing`);
      }
      total += dropped;
    }
    return total;
  }

  #of(id: number): Seen {
    const seen = this.#seen.get(id) ?? { next: 0n, count: 0n, gaps: 0n };
    this.#seen.set(id, seen);
    return seen;
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
