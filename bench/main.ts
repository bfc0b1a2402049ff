/**
 * Compares the speed of the library with bare system calls, libbpf and cilium/ebpf (docs/benchmarks.md).
 *
 *     npm run bench                            every case
 *     npm run bench -- map-lookup btf          cases whose names contain all parts of one of the words
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import type { CaseResult } from './harness/case.ts';
import { renderCase, toJson } from './harness/report.ts';
import { runCase } from './harness/run.ts';

const USAGE = `usage: npm run bench -- [--list] [--rounds N] [--json FILE] [--check] [CASE…]
  CASE         part of a case's name; without one, all cases run
  --list       print the names of the cases and end
  --rounds N   rounds of each case, instead of the case's own number
  --json FILE  write every value there too
  --check      exit with status 1 when a target is missed or could not be measured`;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        json: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

const { values: options, positionals: words } = readArguments();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
// A word such as map-lookup selects every case whose name has all its parts: map-hash-lookup, map-array-lookup.
const selected = cases.filter(
  ({ name }) =>
    words.length === 0 || words.some((word) => word.split('-').every((part) => name.includes(part))),
);
const rounds = options.rounds === undefined ? undefined : Number(options.rounds);
if (selected.length === 0 || (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))) {
  console.error(selected.length === 0 ? `no case matches ${words.join(', ')}; see --list` : USAGE);
  process.exit(2);
}
if (options.list) {
  for (const { name, title } of selected) console.log(`${name.padEnd(18)} ${title}`);
  process.exit(0);
}

const results: CaseResult[] = [];
for (const bench of selected) {
  const result = await runCase(bench, rounds);
  results.push(result);
  console.log(renderCase(result));
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(toJson(results), null, 2)}\n`);
const missed = results.flatMap(({ bench, verdicts }) =>
  verdicts.filter(({ met }) => !met).map(({ text }) => `${bench.name}: ${text}`),
);
if (options.check && missed.length > 0) {
  console.error(`missed:\n  ${missed.join('\n  ')}`);
  process.exit(1);
}
