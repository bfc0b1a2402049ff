// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '../../src/errors/index.ts';
import { parseCpuList, possibleCpus } from '../../src/sys/index.ts';

test('lists of CPUs are read in all their forms', () => {
  assert.deepEqual(parseCpuList('0\n'), [0]);
  assert.deepEqual(parseCpuList('0-3\n'), [0, 1, 2, 3]);
  assert.deepEqual(parseCpuList('0,2-3,8'), [0, 2, 3, 8]);
  for (const text of ['', 'a', '1-', '0,,1', '-1', '1-2-3', '9999999']) {
    assert.throws(() => parseCpuList(text), FormatError, text);
  }
});

test('this machine has possible CPUs', () => {
  assert.ok(possibleCpus().length >= 1);
  assert.equal(possibleCpus(), possibleCpus(), 'they are read once');
});
