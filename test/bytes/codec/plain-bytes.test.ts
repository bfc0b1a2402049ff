import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothing, plainBytes } from '../../../src/bytes/codec/index.ts';

test('what nothing is known about is read as bytes, and as nothing where it has none', () => {
  assert.equal(plainBytes(0), nothing);
  const { size, name, decode } = plainBytes(3);
  assert.deepEqual([size, name], [3, 'bytes(3)']);
  assert.deepEqual(decode(new DataView(Uint8Array.of(9, 1, 2, 3).buffer), 1), Uint8Array.of(1, 2, 3));
});
