/**
 * Damages files of all formats that this library reads, and reads them. The errors that the readers document are valid
 * answers. A finding is any other error, a run that does not end, or use of memory beyond 20 times the input. Inputs
 * that lead the readers to new code are damaged further.
 *
 *     npm run fuzz -- [--minutes N] [--target elf|btf|btf-ext|core|spec|ld-cache]... [--seed N]
 *
 * The targets share the time (default: two minutes in all). Findings are made small and written to the folder
 * fuzz-findings.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './finding.ts';
import { targets } from './targets/index.ts';
import { fuzz } from './watch.ts';

const FOLDER = 'fuzz-findings';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    target: { type: 'string', multiple: true, default: targets.map(({ name }) => name) },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(options.seed);
const seconds = (Number(options.minutes) * 60) / options.target.length;
const unknown = options.target.find((name) => !targets.some((target) => target.name === name));
if (unknown !== undefined || !(seconds > 0) || !Number.isInteger(seed)) {
  const names = targets.map(({ name }) => name).join('|');
  console.error(`usage: npm run fuzz -- [--minutes N] [--target ${names}]… [--seed N]`);
  process.exit(2);
}

function keep(target: string, number: number, { kind, text, input }: Finding): void {
  mkdirSync(FOLDER, { recursive: true });
  const files = input.map((part, i) => {
    const file = join(FOLDER, `${target}-${seed}-${number}.${i}.bin`);
    writeFileSync(file, part);
    return file;
  });
  console.log(`${target}: ${kind}: ${text}\n  input: ${files.join(' ')}`);
}

console.log(`seed ${seed}, ${seconds.toFixed(0)} s for each of ${options.target.length} targets`);
let failed = 0;
for (const target of options.target) {
  const { findings, runs, corpus, branches } = await fuzz({ target, seed, seconds });
  for (const [i, finding] of findings.entries()) keep(target, i, finding);
  if (findings.length > 0) failed++;
  console.log(
    `${target}: ${runs} runs, ${branches} branches, ${corpus} inputs kept, ${findings.length} findings`,
  );
}
console.log(`${options.target.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
