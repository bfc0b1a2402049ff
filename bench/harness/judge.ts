import type { Row, Target, Unit, Verdict } from './case.ts';
import { formatCost, formatRatio } from './format.ts';
import { median, paired } from './statistics.ts';

/** Compares measured rows with a target. If it cannot be measured, the target is not met. */
export function judge(target: Target, rows: readonly Row[], unit: Unit): Verdict {
  const valuesOf = (id: string): readonly number[] => rows.find((row) => row.id === id)?.values ?? [];
  const own = valuesOf(target.who ?? 'ours');
  const { of, plus = 0, times = 1 } = target;
  const missing: Verdict = { text: target.text, measured: undefined, met: false };
  if (own.length === 0) return missing;
  if (of === undefined) {
    const cost = median(own);
    return { text: target.text, measured: formatCost(cost, unit), met: cost <= plus };
  }
  const other = valuesOf(of);
  if (other.length === 0) return missing;
  if (plus !== 0) {
    const above = median(paired(own, other, (value, base) => value - times * base));
    return { text: target.text, measured: formatCost(above, unit), met: above <= plus };
  }
  const ratio = median(paired(own, other, (value, base) => value / base));
  return { text: target.text, measured: formatRatio(ratio), met: ratio <= times };
}
