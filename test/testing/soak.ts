/**
 * `npm run soak [runs]`: runs under a token one after the other, two at a time, by default 500. Each must come
 * out as it should, and nothing may be left: no process, mount or descriptor.
 */
import { watchLeftovers } from '../../tools/leftovers.ts';
import { type FixtureRun, type Result, runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const runs = Number(process.argv[2] ?? 500);

/** What is wrong with a result, if anything. */
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

if (skip === false) process.exit(await soak());
console.log(`skipped 1x: ${skip}\n0 passed, 0 failed, 1 skipped`);
