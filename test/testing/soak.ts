/**
 * `npm run soak -- [runs] [--kills N] [--seconds S] [--seed X]`
 *
 * First it makes runs under a token, two at a time, by default 500. Each must end as expected. Then come rounds in
 * which a random process of a run is killed at a random moment, by default 200. No round begins after S seconds.
 * Nothing may be left: no process, mount or descriptor.
 */
import { parseArgs } from 'node:util';
import { watchLeftovers } from '../../tools/leftovers.ts';
import { killRounds } from './kill-rounds.ts';
import { type FixtureRun, type Result, runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
});

/** Reads a whole number from the command line. */
function count(what: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`${what} must be a whole number, got "${text}"`);
  process.exit(2);
}

const runs = count('the number of runs', positionals[0], 500);
const kills = count('--kills', values.kills, 200);
const seconds = count('--seconds', values.seconds, Number.POSITIVE_INFINITY);
const seed = count('--seed', values.seed, Date.now() % 1_000_000);

/** The problem with a result, or undefined. */
function problem({ path, outcome, error }: Result): string | undefined {
  const name = path.at(-1) ?? '';
  const expected = name.startsWith('fail ') || name === 'soak' ? 'fail' : 'pass';
  if (outcome !== expected) return `${name}: ${outcome}: ${error?.message ?? ''}`;
  if (!name.startsWith('fail ')) return undefined;
  const understood =
    /^on purpose$|exited with status 0|killed by SIGKILL|left open:\n- process \d+: sleep/.test(
      error?.message ?? '',
    );
  return understood ? undefined : `${name}: ${error?.message}`;
}

async function soak(): Promise<number> {
  const started = performance.now();
  const leftovers = watchLeftovers();
  const leakCheck = new URL('../../src/testing/leak-check.js', import.meta.url).href;
  const run: FixtureRun = await runFixture('soak.js', {
    nodeOptions: [`--import=${leakCheck}`],
    env: { ...leftovers.environment, RUNS: String(runs) },
  });
  const finished = run.results.filter(({ path }) => path.length > 1 && /^(pass|fail) /.test(path[1] ?? ''));
  const problems = run.results.map(problem).filter((text) => text !== undefined);
  problems.push(...leftovers.find().map((line) => `left behind: ${line}`));
  if (run.stderr !== '') problems.push(run.stderr);
  if (finished.length !== runs)
    problems.push(`${finished.length} of ${runs} runs came to an end\n${run.stdout}`);
  for (const text of problems) console.error(text);
  const each = ((performance.now() - started) / runs).toFixed(0);
  const failed = Math.min(problems.length, runs);
  console.log(`${runs} runs, ${each} ms each, ${problems.length === 0 ? 'nothing' : 'something'} left over`);
  console.log(`${runs - failed} passed, ${failed} failed, 0 skipped`);
  return failed === 0 ? 0 : 1;
}

async function soakKills(): Promise<number> {
  const leftovers = watchLeftovers();
  const { rounds, counts, problems } = await killRounds({ rounds: kills, seconds, seed });
  const all = [...problems, ...leftovers.find().map((line) => `left behind: ${line}`)];
  for (const text of all) console.error(text);
  for (const [key, times] of [...counts].sort()) console.log(`${String(times).padStart(6)} killed ${key}`);
  console.log(`${rounds} kills (seed ${seed}), ${all.length} problems`);
  return all.length === 0 ? 0 : 1;
}

if (skip === false) {
  const status = runs === 0 ? 0 : await soak();
  process.exit(Math.max(status, kills === 0 ? 0 : await soakKills()));
}
console.log(`skipped 1x: ${skip}\n0 passed, 0 failed, 1 skipped`);
