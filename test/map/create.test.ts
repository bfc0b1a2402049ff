import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u32 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { needsMaps } from './needs.ts';

const ONE = { type: 'hash', key: u32, value: u32, maxEntries: 1 } as const;

test('flags may be given as bits, and come back by name', needsMaps(), () => {
  using map = BpfMap.create({ ...ONE, flags: ['no_prealloc', 128] });
  assert.deepEqual(map.info().flags, ['no_prealloc', 'rdonly_prog']);
});

test('a flag that has no name yet is for the kernel to judge', needsMaps(), () => {
  assert.throws(() => BpfMap.create({ ...ONE, flags: [2 ** 31] }), { code: 'EINVAL' });
});

test('that a memory node was chosen is told by a flag', needsMaps(), () => {
  using map = BpfMap.create({ ...ONE, numaNode: 0 });
  assert.deepEqual(map.info().flags, ['numa_node']);
});

test('bits that other options set are refused among the flags', needsMaps(), () => {
  assert.throws(() => BpfMap.create({ ...ONE, flags: [4] }), {
    name: 'TypeError',
    message: 'flags: the bits 0x4 are set by other options, or by the library',
  });
});
