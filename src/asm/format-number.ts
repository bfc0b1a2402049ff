/** A number with its sign, even if it is positive: `+4`, `-8`, `+0`. */
export function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
