// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { skip } from './support.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const built = existsSync(join(root, 'dist/lib/testing/index.js'));
const cannot = skip === false && !built ? 'the package is not built: npm run build' : skip;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

const folder = mkdtempSync(join(tmpdir(), "ebpf-ts project's [odd] "));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules/ebpf-ts'));

const BODY = `
test('outer', async (t) => {
  await runWithToken(t, 'inner', { maps: ['hash'] }, async (sub) => {
    console.log('out of ' + label);
    console.error('err of ' + label);
    await sub.test('nested', () => {});
  });
});
`;

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const esm = write(
  'one.test.mjs',
  `import { test } from 'node:test';
import { runWithToken } from 'ebpf-ts/testing';
const label = 'esm';${BODY}`,
);
const cjs = write(
  'two.test.cjs',
  `const { test } = require('node:test');
const { runWithToken } = require('ebpf-ts/testing');
const label = 'cjs';${BODY}`,
);
const typed = write(
  'three.test.mts',
  `import { type TestContext, test } from 'node:test';
import { runWithToken } from 'ebpf-ts/testing';
const label: string = 'typed';${BODY.replace('(t)', '(t: TestContext)')}`,
);

function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, words, { cwd: folder, env, encoding: 'utf8' });
}

function check(labels: readonly string[], ...words: string[]): void {
  const { status, stdout, stderr } = run('--test-reporter=tap', ...words);
  assert.equal(status, 0, stdout + stderr);
  const tests = labels.length * 3;
  assert.match(stdout, new RegExp(`^# pass ${tests}$`, 'm'), stdout);
  for (const label of labels) {
    // The runner turns the output of its files into comments of its report.
    const lines = (stdout + stderr).match(new RegExp(`(out|err) of ${label}$`, 'gm'));
    assert.deepEqual(lines?.sort(), [`err of ${label}`, `out of ${label}`], stdout + stderr);
  }
}

test('a project that has the package installed', { skip: cannot }, async (t) => {
  await t.test('runs ESM test files', () => check(['esm'], esm));
  await t.test('runs CommonJS test files', () => check(['cjs'], cjs));
  await t.test('runs them under the test runner', () => check(['esm', 'cjs'], '--test', esm, cjs));
  const types = major > 22 || (major === 22 && minor >= 18);
  await t.test('runs TypeScript', { skip: !types && 'Node runs no TypeScript' }, () =>
    check(['typed'], '--test', typed),
  );
  const shared = major > 22 || (major === 22 && minor >= 8);
  await t.test('runs several files in one process', { skip: !shared && 'Node cannot' }, () => {
    const flag = major > 22 ? '--test-isolation=none' : '--experimental-test-isolation=none';
    check(['esm', 'cjs'], '--test', flag, esm, cjs);
  });
});
