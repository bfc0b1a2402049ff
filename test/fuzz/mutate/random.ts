/** Returns a whole number from 0 up to, but not including, `below`. */
export type Random = (below: number) => number;

/** A small, repeatable generator of random numbers (xorshift). */
export function random(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return below <= 0 ? 0 : (state >>> 0) % below;
  };
}

/** Words that are often at the limit of something. */
const EDGES = [
  0, 1, 2, 3, 4, 7, 8, 0x7f, 0xff, 0x100, 0xffff, 0x10000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8,
  0xffff_fffc, 0xffff_ffff,
];

/** Returns another value for a word: an edge, a value near the old one, or a small one. */
export function otherWord(word: number, next: Random): number {
  switch (next(5)) {
    case 0:
      return (word + 1 + next(8)) >>> 0;
    case 1:
      return (word - 1 - next(8)) >>> 0;
    case 2:
      return (word ^ (1 << next(32))) >>> 0;
    case 3:
      return next(64);
    default:
      return EDGES[next(EDGES.length)] ?? 0;
  }
}

/** Returns a random item of a list, which must not be empty. */
export function pick<T>(list: readonly T[], next: Random): T {
  const found = list[next(list.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}
