/** The value below which a share `q` (0 to 1) of the values lies, interpolated. NaN if there are no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The middle value. Unlike the mean, it does not change if a few rounds are disturbed. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Combines two series round by round. The contenders of a round ran at nearly the same time. If the machine was slow at
 * that time, it was slow for both, so the combination is fair.
 */
export function paired(
  values: readonly number[],
  others: readonly number[],
  combine: (value: number, other: number) => number,
): number[] {
  return values.slice(0, others.length).map((value, round) => combine(value, others[round] ?? Number.NaN));
}
