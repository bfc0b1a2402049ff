import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createFlagBits,
  createFlagNames,
  MAP_FLAGS,
  mapFlagBits,
  mapFlagNames,
  NO_FLAGS,
} from '../../src/abi/index.ts';

test('flags of maps have names, and no bit is lost', () => {
  assert.deepEqual(mapFlagNames(1025), ['no_prealloc', 'mmapable']);
  assert.deepEqual(mapFlagNames(2 ** 31 + 2 ** 30 + 1), ['no_prealloc', 2 ** 31 + 2 ** 30]);
  assert.deepEqual(mapFlagNames(4), [4], 'the memory node has an option of its own');
  assert.deepEqual(createFlagNames(2 ** 31 + 4), ['numa_node', 2 ** 31], 'which the kernel tells of');
  for (const bits of [2 ** 40, -1]) assert.deepEqual(mapFlagNames(bits), [bits]);
  for (const bits of [0, 1, 1025, 2 ** 31 + 8]) assert.equal(mapFlagBits(mapFlagNames(bits)), bits);
  for (const flag of MAP_FLAGS) assert.deepEqual(mapFlagNames(mapFlagBits([flag])), [flag]);
  for (const bits of [0, 4, 1025, 2 ** 31 + 4, 2 ** 40])
    assert.equal(createFlagBits(createFlagNames(bits)), bits);
});

test('no flags are one list that nobody can change', () => {
  assert.equal(mapFlagNames(0), NO_FLAGS);
  assert.equal(createFlagNames(0), NO_FLAGS);
  assert.ok(Object.isFrozen(NO_FLAGS));
});

test('flags that no map is created with are refused', () => {
  assert.throws(() => mapFlagBits(['mmapabel' as 'mmapable']), {
    name: 'TypeError',
    message: 'flags: unknown map flag "mmapabel" (did you mean "mmapable"?)',
  });
  assert.throws(() => mapFlagBits(['numa_node' as 'mmapable']), /^TypeError: flags: unknown map flag/);
  assert.throws(() => mapFlagBits([0x10004]), {
    name: 'TypeError',
    message: 'flags: the bits 0x10004 are set by other options, or by the library',
  });
  assert.throws(() => mapFlagBits([2 ** 32]), /^RangeError: flags/);
  assert.throws(() => mapFlagBits(1 as never), /^TypeError: flags must be an array/);
});
