// depends on: runtime
import assert from 'node:assert/strict';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FixtureRun, runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const nodeOptions = [`--import=${new URL('../../src/testing/leak-check.js', import.meta.url).href}`];
const run = (leak: string, env: NodeJS.ProcessEnv = {}): Promise<FixtureRun> =>
  runFixture('leaks.js', { nodeOptions, env: { LEAK: leak, ...env } });

const EXPECTED: readonly (readonly [leak: string, message: RegExp])[] = [
  ['a file', /- descriptor \d+: \/etc\/passwd$/m],
  [
    'a descriptor of the library',
    /- descriptor \d+: the passwd file, opened\n(.*\n)*.*fixtures\/leaks\.[jt]s:\d+/,
  ],
  ['a process', /- process (\d+): sleep 1000$/m],
];

test('a file that leaks nothing passes', async () => {
  const { code, stderr } = await run('nothing');
  assert.deepEqual([code, stderr], [0, '']);
});

test('a leak fails the file and is named', async (t) => {
  for (const [leak, message] of EXPECTED) {
    await t.test(leak, async () => {
      const { code, stderr } = await run(leak);
      assert.equal(code, 1);
      assert.match(stderr, /^Leaked by .*leaks\.js:\n/);
      assert.match(stderr, message);
      assert.equal(stderr.match(/^- /gm)?.length, 1, stderr);
      const pid = /- process (\d+)/.exec(stderr)?.[1];
      if (pid !== undefined) process.kill(Number(pid));
    });
  }
});

test('a mount that stays fails the file', { skip }, async () => {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-leak-'));
  try {
    const { code, stderr } = await run('a mount', { MOUNT_POINT: path, UNMOUNT: path });
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`- mount: .* ${path} .* bpf`));
  } finally {
    rmdirSync(path);
  }
});

test('a leak under a token fails the subtest', { skip }, async (t) => {
  for (const [leak, message] of EXPECTED) {
    await t.test(leak, async () => {
      const { error } = (await run(leak, { UNDER_TOKEN: '1' })).result('a test', 'under a token');
      assert.equal(error?.properties.code, 'ERR_BPF_TEST_LEAK');
      assert.match(error.message, message);
    });
  }
  const passing = await run('nothing', { UNDER_TOKEN: '1' });
  assert.deepEqual([passing.code, passing.stderr], [0, '']);
});
