/** The Levenshtein distance; `limit + 1` at once if the lengths alone differ by more than `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit + 1;
}

/**
 * Whether two words begin alike: one is the beginning of the other and at least half of it, as in `lockMode` and
 * `lock`, or two thirds of both are the same, as in `maxEntry` and `maxEntries`.
 */
function beginAlike(a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [shorter, longer] = a.length < b.length ? [a.length, b.length] : [b.length, a.length];
  return same >= 3 && (same === shorter ? same * 2 >= longer : same * 3 >= longer * 2);
}

/** Up to three of `known` that look like `word`, the nearest first. */
export function nearNames(word: string, known: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const scored: { name: string; score: number }[] = [];
  for (const name of known) {
    const plain = name.toLowerCase();
    const contains = wanted.length >= 3 && plain.includes(wanted);
    // What only begins alike comes after what is spelled alike.
    const most = beginAlike(wanted, plain) ? limit : limit + 1;
    const score = contains ? 1 : Math.min(distance(wanted, plain, limit), most);
    if (score <= limit) scored.push({ name, score });
  }
  return scored
    .sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** ` (did you mean "hash"?)`, or the empty string when nothing is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearNames(word, known).map((name) => `"${name}"`);
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
}
