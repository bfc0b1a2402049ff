import { release } from 'node:os';
import Table from 'cli-table3';
import colors from 'picocolors';
import type { CaseResult, Row } from './case.ts';
import { formatCost, formatRatio } from './format.ts';
import { median, paired, quantile } from './statistics.ts';

const PLAIN_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: ' ', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

function ratioTo(base: Row | undefined, row: Row): number {
  return median(paired(row.values, base?.values ?? [], (value, other) => value / other));
}

/** The result as a text table: one line for each contender, then one for each target. */
export function renderCase({ bench, rows, verdicts }: CaseResult): string {
  const base = rows.find((row) => row.id === bench.base);
  const table = new Table({
    chars: PLAIN_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right'],
    head: ['', `per ${bench.operation}`, 'half of the rounds', `ratio to ${base?.name ?? bench.base}`].map(
      (text) => colors.dim(text),
    ),
  });
  for (const row of rows) {
    const name = row.id.startsWith('ours') ? colors.bold(row.name) : row.name;
    if (row.values.length === 0) {
      table.push([name, colors.yellow('not measured'), '', '']);
      continue;
    }
    const ratio = ratioTo(base, row);
    table.push([
      name,
      formatCost(median(row.values), bench.unit),
      `${formatCost(quantile(row.values, 0.25), bench.unit)} – ${formatCost(quantile(row.values, 0.75), bench.unit)}`,
      Number.isNaN(ratio) ? '-' : formatRatio(ratio),
    ]);
  }
  const missing = rows
    .filter((row) => row.missing !== undefined)
    .map((row) => colors.yellow(` not measured: ${row.name}: ${row.missing}`));
  const targets = verdicts.map(({ text, measured, met }) => {
    const mark = met ? colors.green('met    ') : measured ? colors.red('missed ') : colors.yellow('unknown');
    return ` ${mark} ${text}: ${measured ?? 'could not be measured'}`;
  });
  return [colors.bold(`${bench.name}: ${bench.title}`), table.toString(), ...missing, ...targets, ''].join(
    '\n',
  );
}

/** The complete results for programs: the value of every round, in the unit of its case. */
export function toJson(results: readonly CaseResult[]): unknown {
  return {
    kernel: release(),
    node: process.version,
    cases: results.map(({ bench, rows, verdicts }) => {
      const base = rows.find((row) => row.id === bench.base);
      return {
        name: bench.name,
        title: bench.title,
        operation: bench.operation,
        unit: bench.unit === 'time' ? 'ns' : bench.unit,
        base: bench.base,
        rows: rows.map((row) => ({
          id: row.id,
          name: row.name,
          missing: row.missing,
          median: row.values.length > 0 ? median(row.values) : undefined,
          quartiles:
            row.values.length > 0 ? [quantile(row.values, 0.25), quantile(row.values, 0.75)] : undefined,
          ratio: row.values.length > 0 ? ratioTo(base, row) : undefined,
          values: row.values,
        })),
        targets: verdicts,
      };
    }),
  };
}
