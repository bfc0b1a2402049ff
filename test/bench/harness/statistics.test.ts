import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCost } from '../../../bench/harness/format.ts';
import { median, paired, quantile } from '../../../bench/harness/statistics.ts';

test('the median and the quartiles of odd and even numbers of values', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([5, 1, 2, 3, 4], 0.25), 2);
  assert.ok(Number.isNaN(median([])));
});

test('series are combined round by round, as far as both go', () => {
  assert.deepEqual(
    paired([10, 20, 30], [5, 10], (a, b) => a / b),
    [2, 2],
  );
});

test('costs carry a unit and three digits', () => {
  const costs = [0.4, 4.996, 12.34, 123.4, 1234, 12_345, 123_456, 12_345_678, 2.5e9, -1500];
  assert.deepEqual(
    costs.map((cost) => formatCost(cost, 'time')),
    [
      '0.40 ns',
      '5.00 ns',
      '12.3 ns',
      '123 ns',
      '1.23 µs',
      '12.3 µs',
      '123 µs',
      '12.3 ms',
      '2.50 s',
      '-1.50 µs',
    ],
  );
});
