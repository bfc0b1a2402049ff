/**
 * Runs the built tests with Node's test runner: all of them, or the files and folders named on the command line (`npm
 * test -- dist/test/token`). Options that start with `--` go to Node.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchLeftovers } from './leftovers.ts';

const here = dirname(fileURLToPath(import.meta.url));
const testRoot = join(here, '..', 'test');
const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const targets = words.filter((word) => !word.startsWith('--'));

function testFiles(target: string): string[] {
  if (!statSync(target).isDirectory()) return [target];
  return readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(target, name));
}

const files = (targets.length > 0 ? targets : [testRoot]).flatMap(testFiles);
if (files.length === 0) {
  console.error('no test files found: run "npm run build" first');
  process.exit(1);
}
const reporters = ['spec', join(here, 'summary-reporter.js')].flatMap((reporter) => [
  `--test-reporter=${reporter}`,
  '--test-reporter-destination=stdout',
]);
const leakCheck = new URL('../src/testing/leak-check.js', import.meta.url).href;
const leftovers = watchLeftovers();
const { status, signal } = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    `--import=${leakCheck}`,
    '--test',
    `--test-concurrency=${availableParallelism()}`,
    // Several times the longest test: the runner names a test that hangs before the caller gives up waiting.
    `--test-timeout=${5 * 60_000}`,
    ...reporters,
    ...flags,
    ...files,
  ],
  { stdio: 'inherit', env: { ...process.env, ...leftovers.environment } },
);
const left = leftovers.find();
if (left.length > 0)
  console.error(`left behind by the tests:\n${left.map((each) => `- ${each}`).join('\n')}`);
process.exit(signal === null && left.length === 0 ? (status ?? 1) : 1);
