// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnWithToken } from '../../src/testing/index.ts';
import { runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const range = (got: number): string =>
  `timeout: expected 0 to 2147483647 ms, or Infinity for no limit, got ${got}`;
const kind = (got: string): string => `timeout: expected a number of milliseconds, got ${got}`;

test('a timeout is checked before anything starts', { skip }, async () => {
  const run = await runFixture('limits.js');
  const wrong: readonly (readonly [string, string, string])[] = [
    ...[2 ** 31, 2 ** 40, Number.NaN, -1].map((each) => [String(each), 'RangeError', range(each)] as const),
    ['5000', 'TypeError', kind('"5000"')],
    ['null', 'TypeError', kind('null')],
    ['1', 'TypeError', kind('1')],
  ];
  for (const [name, errorClass, message] of wrong) {
    const { error } = run.result('timeouts', name);
    assert.deepEqual([error?.name, error?.message], [errorClass, message], name);
  }
  const right = [String(2 ** 31 - 1), 'Infinity', 'undefined'];
  for (const name of right) assert.equal(run.result('timeouts', name).outcome, 'pass', name);
  assert.deepEqual(
    run.stdout.match(/^RAN .*$/gm),
    right.map((name) => `RAN ${name}`),
  );

  const written = run.stdout.match(/^[0-9]{10}$/gm);
  assert.equal(written?.length, 100_000, run.stderr);
});

test('for a program too', () => {
  for (const timeout of [2 ** 31, Number.NaN, -1]) {
    assert.throws(() => spawnWithToken('true', [], { timeout }), {
      name: 'RangeError',
      message: range(timeout),
    });
  }
  const text = '5' as unknown as number;
  assert.throws(() => spawnWithToken('true', [], { timeout: text }), {
    name: 'TypeError',
    message: kind('"5"'),
  });
});
