import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row, Target } from '../../../bench/harness/case.ts';
import { judge } from '../../../bench/harness/judge.ts';

const rows: Row[] = [
  { id: 'ours', name: 'ours', values: [110, 330, 120] },
  // The machine was slow in the second round. That does not matter, because the round is paired with ours.
  { id: 'floor', name: 'floor', values: [100, 300, 100] },
  { id: 'gone', name: 'gone', values: [], missing: 'not here' },
];

const table: readonly (readonly [string, Target, string | undefined, boolean])[] = [
  ['a ratio within its bound', { text: '', of: 'floor', times: 1.2 }, '1.10×', true],
  ['a ratio beyond its bound', { text: '', of: 'floor', times: 1.05 }, '1.10×', false],
  ['a difference within its bound', { text: '', of: 'floor', times: 1, plus: 20 }, '20.0 ns', true],
  ['a difference beyond its bound', { text: '', of: 'floor', times: 1, plus: 19 }, '20.0 ns', false],
  ['a cost of its own', { text: '', plus: 120 }, '120 ns', true],
  ['another row than ours', { text: '', who: 'floor', plus: 99 }, '100 ns', false],
  ['a missing peer is never met', { text: '', of: 'gone', times: 10 }, undefined, false],
  ['a missing row is never met', { text: '', who: 'gone', plus: 1e9 }, undefined, false],
];

for (const [name, target, measured, met] of table) {
  test(name, () => {
    assert.deepEqual(judge(target, rows, 'time'), { text: '', measured, met });
  });
}

test('counts are told as calls', () => {
  assert.equal(judge({ text: '', plus: 1000 }, rows, 'calls').measured, '120 calls');
});
