/** The value below which the share `q` (0 to 1) of the values lies, interpolated; NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The middle value: unlike a mean it does not move when a few rounds are disturbed. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Combines two series round by round. Contenders of one round ran within the same moments, so a slow
 * moment of the machine falls out of the combination instead of counting against one of them.
 */
export function paired(
  values: readonly number[],
  others: readonly number[],
  combine: (value: number, other: number) => number,
): number[] {
  return values.slice(0, others.length).map((value, round) => combine(value, others[round] ?? Number.NaN));
}
