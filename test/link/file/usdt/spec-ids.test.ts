import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, u32 } from '../../../../src/bytes/codec/index.ts';
import { keepSpecs } from '../../../../src/link/file/usdt/spec-ids.ts';
import { type ArrayMap, BpfMap } from '../../../../src/map/index.ts';
import { needsRoot } from './support.ts';

const specsMap = (maxEntries: number): ArrayMap<number, Uint8Array> =>
  BpfMap.create({ type: 'array', name: 'specs', key: u32, value: bytes(8), maxEntries });
const spec = (number: number): Uint8Array => new Uint8Array(8).fill(number);
const contents = (map: ArrayMap<number, Uint8Array>): number[] =>
  [...map.values()].map((value) => Number(value[0]));

test('equal specs share an entry, and ids come back', needsRoot(), () => {
  using map = specsMap(4);
  const first = keepSpecs(map, [spec(1), spec(2), spec(1)]);
  assert.deepEqual(first.ids, [0, 1, 0]);
  const second = keepSpecs(map, [spec(2), spec(3)]);
  assert.deepEqual(second.ids, [1, 2]);
  assert.deepEqual(contents(map), [1, 2, 3, 0]);
  first.giveBack();
  // The second still uses id 1.
  const third = keepSpecs(map, [spec(4), spec(5)]);
  assert.deepEqual(third.ids, [0, 3]);
  assert.deepEqual(contents(map), [4, 2, 3, 5]);
  second.giveBack();
  third.giveBack();
  assert.deepEqual(keepSpecs(map, [spec(9)]).ids, [0]);
});

test('another object for the same map has the same ids', needsRoot(), () => {
  using map = specsMap(2);
  using same = BpfMap.fromId(map.info().id);
  assert.deepEqual(keepSpecs(map, [spec(1)]).ids, [0]);
  assert.deepEqual(keepSpecs(same, [spec(2), spec(1)]).ids, [1, 0]);
});

test('a full map takes nothing', needsRoot(), () => {
  using map = specsMap(2);
  const kept = keepSpecs(map, [spec(1)]);
  assert.throws(() => keepSpecs(map, [spec(1), spec(2), spec(3)]), {
    code: 'ERR_BPF_USDT_SPECS',
    message:
      'Cannot tell programs where the arguments of a USDT probe are: map "specs" is full: it holds 2 specs, one for ' +
      'each different list of arguments: define BPF_USDT_MAX_SPEC_CNT with a larger number before including ' +
      'usdt.bpf.h, or set maxEntries of this map before the load',
  });
  assert.deepEqual(contents(map), [1, 0]);
  assert.deepEqual(keepSpecs(map, [spec(2), spec(1)]).ids, [1, 0]);
  kept.giveBack();
});

test('a map that cannot be written takes nothing', needsRoot(), () => {
  using map = specsMap(1);
  map.freeze();
  for (let i = 0; i < 2; i++) assert.throws(() => keepSpecs(map, [spec(1)]), { code: 'EPERM' });
});
