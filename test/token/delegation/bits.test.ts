import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allows, type Bits, missingBits, permissionOf } from '../../../src/token/delegation/index.ts';
import { Delegation } from '../../../src/token/index.ts';

/** The permissions to create a hash map. The kernel does not look at the kinds that are undefined. */
const hash: Bits = { cmds: 0, maps: 1, progs: undefined, attachs: undefined };

test('a delegation allows a call that it covers', () => {
  assert.ok(allows(Delegation.from({ cmds: 'map_create', maps: 'hash' }), hash));
  assert.ok(allows(Delegation.any, hash));
  assert.ok(!allows(Delegation.from({ cmds: 'map_create', maps: 'array' }), hash));
  assert.ok(!allows(Delegation.from({ maps: 'hash' }), hash));
});

test('what it lacks is told in numbers, and put into the words of mount options', () => {
  const missing = missingBits(Delegation.from({ cmds: 'prog_load' }), hash);
  assert.deepEqual(missing, [
    { kind: 'cmds', bit: 0 },
    { kind: 'maps', bit: 1 },
  ]);
  assert.deepEqual(
    missing.map(({ kind, bit }) => permissionOf(kind, bit)),
    [
      { option: 'delegate_cmds', name: 'map_create' },
      { option: 'delegate_maps', name: 'hash' },
    ],
  );
  assert.deepEqual(missingBits(Delegation.any, hash), []);
  assert.deepEqual(permissionOf('maps', 1000), { option: 'delegate_maps', name: 'unknown bit 1000' });
});

test('numbers beyond the masks are never allowed', () => {
  assert.ok(!allows(Delegation.any, { ...hash, maps: 64 }));
});
