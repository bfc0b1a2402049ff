import type { Unit } from './case.ts';

const SCALES: readonly (readonly [string, number])[] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
];

function threeDigits(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.1))));
  return value.toFixed(Math.min(digits, 2));
}

/** Formats a cost: nanoseconds in a unit that suits them, bytes in MiB, or a count of system calls. */
export function formatCost(cost: number, unit: Unit): string {
  if (unit === 'bytes') return `${threeDigits(cost / 2 ** 20)} MiB`;
  if (unit === 'calls') return `${Number(cost.toFixed(2))} calls`;
  const [name, size] = SCALES.find(([, nanoseconds]) => Math.abs(cost) >= nanoseconds) ?? ['ns', 1];
  return `${threeDigits(cost / size)} ${name}`;
}

export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
