/**
 * Adds up the results that the parts of a CI run printed (lines `N passed, N failed, N skipped`), one file for each
 * part.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of readdirSync(folder)) {
  const lines = readFileSync(join(folder, name), 'utf8').matchAll(
    /^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm,
  );
  const last = [...lines].at(-1);
  if (last === undefined) {
    console.log(`${name}: no result line, counted as one failure`);
    total.failed++;
    continue;
  }
  console.log(`${name}: ${last[0]}`);
  total.passed += Number(last[1]);
  total.failed += Number(last[2]);
  total.skipped += Number(last[3] ?? 0);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (total.failed > 0) process.exit(1);
