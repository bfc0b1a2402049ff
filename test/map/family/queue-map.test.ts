// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { needsMaps } from '../needs.ts';

test('a queue gives the oldest value first, a stack the newest', needsMaps(), () => {
  for (const [type, order] of [
    ['queue', [1, 2, 3]],
    ['stack', [3, 2, 1]],
  ] as const) {
    using map = BpfMap.create({ type, value: u32, maxEntries: 3, name: 'line' });
    assert.equal(map.pop(), undefined);
    assert.equal(map.peek(), undefined);
    for (const value of [1, 2, 3]) map.push(value);
    assert.throws(() => map.push(4), {
      code: 'E2BIG',
      message: `Cannot push to map "line" (${type}): E2BIG: the ${type} is full (max_entries 3)`,
    });
    assert.equal(map.peek(), order[0]);
    assert.deepEqual([map.pop(), map.pop(), map.pop(), map.pop()], [...order, undefined]);
  }
});

test('push can drop the oldest value of a full queue', needsMaps(), () => {
  using map = BpfMap.create({ type: 'queue', value: u32, maxEntries: 2 });
  for (const value of [1, 2, 3]) map.push(value, { overwrite: true });
  assert.deepEqual([map.pop(), map.pop(), map.pop()], [2, 3, undefined]);
  assert.throws(() => map.push(undefined as never), {
    name: 'TypeError',
    message: /^map \(queue\): value: expected a u32/,
  });
  for (const [options, message] of [
    [{ overwirte: true }, 'map.push: unknown option "overwirte" (did you mean "overwrite"?)'],
    [{ overwrite: 'yes' }, 'map.push: overwrite must be true or false, got "yes"'],
    [null, 'map.push: options must be an object, got null'],
    ['overwrite', 'map.push: options must be an object, got "overwrite"'],
  ] as const) {
    assert.throws(() => map.push(1, options as never), { name: 'TypeError', message });
  }
});

test('a bloom filter never forgets', needsMaps(), () => {
  using map = BpfMap.create({ type: 'bloom_filter', value: u64, maxEntries: 1000, extra: 5 });
  for (let i = 0n; i < 500n; i++) map.push(i);
  for (let i = 0n; i < 500n; i++) assert.equal(map.mayContain(i), true);
  let wrong = 0;
  for (let i = 500n; i < 1500n; i++) if (map.mayContain(i)) wrong++;
  assert.ok(wrong < 200, `${wrong} of 1000 others seemed to be in it`);
});

test('other maps have nothing that needs no key', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 2 });
  for (const method of ['push', 'pop', 'peek', 'mayContain']) assert.equal(method in map, false, method);
});
