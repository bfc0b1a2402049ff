/**
 * Runs the package in every runtime that it supports: the smoke test in each, in each Node also the tests that depend
 * on the runtime, and in the others a million records through each form of reading. `npm test` runs the other tests.
 *
 *     npm run test:runtimes -- [--runtime NAME]... [--all] [-- PATH...]
 *
 * A PATH names a test file or folder below test/ to run instead of those. --all runs all of them. The runtimes are
 * fetched from npm into the cache folder.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchRuntime, type Runtime, runtimes } from '../../tools/runtimes.ts';
import { markedTests } from '../../tools/test-marks.ts';

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..', '..');
const total = { passed: 0, failed: 0, skipped: 0 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: 'string', multiple: true }, all: { type: 'boolean', default: false } },
});
const names = runtimes.map(({ name }) => name);
const unknown = values.runtime?.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`unknown runtime "${unknown}": there are ${names.join(', ')}`);
  process.exit(2);
}
const chosen = positionals.length > 0 ? positionals : values.all ? [''] : markedTests(project, ['runtime']);
const paths = chosen.map(
  (path) => `dist/test/${path.replace(/^(dist\/)?test\//, '').replace(/\.ts$/, '.js')}`,
);

function run(program: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd: project,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 15 * 60_000,
  });
  const how = signal === null ? '' : `ended by ${signal}\n`;
  return { status, output: `${stdout}${stderr}${how}` };
}

function report(
  runtime: Runtime,
  what: string,
  passed: number,
  failed: number,
  skipped: number,
  output: string,
): void {
  if (failed > 0) console.log(output.trimEnd());
  console.log(`${runtime.name}: ${what}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function smoke(runtime: Runtime, program: string): void {
  const file = join(here, 'smoke.js');
  const { status, output } = run(program, runtime.kind === 'deno' ? ['run', '--allow-all', file] : [file]);
  const passed = output.match(/^ok /gm)?.length ?? 0;
  const failed = output.match(/^not ok /gm)?.length ?? 0;
  // If a runtime crashes, even at its very end, at least one check counts as failed.
  const crashed = failed === 0 && (status !== 0 || !/^checks: \d+$/m.test(output));
  report(runtime, 'smoke test', passed, failed + (crashed ? 1 : 0), 0, output);
}

/** Reads a million records through each form. In Node, a test does that. */
function million(runtime: Runtime, program: string): void {
  const file = join(project, 'dist/test/events/million.js');
  const { status, output } = run(program, runtime.kind === 'deno' ? ['run', '--allow-all', file] : [file]);
  const forms = output.match(/^(?:ring buffer, .*|perf buffers)$/gm)?.length ?? 0;
  report(runtime, 'a million records through each form', forms, status === 0 ? 0 : 1, 0, output);
}

function suite(runtime: Runtime, program: string): void {
  const { status, output } = run(program, [join(project, 'dist/tools/run-tests.js'), ...paths]);
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (status === null || last === undefined) report(runtime, 'tests', 0, 1, 0, output);
  else report(runtime, 'tests', Number(last[1]), Number(last[2]), Number(last[3]), output);
}

for (const runtime of runtimes) {
  if (values.runtime !== undefined && !values.runtime.includes(runtime.name)) continue;
  const program = await fetchRuntime(runtime);
  smoke(runtime, program);
  if (runtime.kind === 'node') suite(runtime, program);
  else million(runtime, program);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
// Not process.exit(), which would lose output that a pipe has not taken yet.
if (total.failed > 0) process.exitCode = 1;
