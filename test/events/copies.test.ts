import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK, Copies } from '../../src/events/copies.ts';

test('copies share memory, never overlap, and are never written again', () => {
  const copies = new Copies();
  const made: { copy: Uint8Array; length: number; value: number }[] = [];
  for (let value = 0; value < 500; value++) {
    const length = (value * 37) % 700;
    const buffer = copies.add(new Uint8Array(length).fill(value));
    assert.equal((copies.used - length) % 8, 0, 'aligned');
    made.push({ copy: new Uint8Array(buffer, copies.used - length, length), length, value });
  }
  for (const { copy, length, value } of made) {
    assert.deepEqual(copy, new Uint8Array(length).fill(value));
  }
  const buffers = new Set(made.map(({ copy }) => copy.buffer));
  assert.ok(buffers.size > 1 && buffers.size < 10);
});

test('large copies have memory of their own', () => {
  const copies = new Copies();
  const small = copies.add(new Uint8Array(16));
  for (const length of [CHUNK / 4 + 1, CHUNK, CHUNK + 1, 10 * CHUNK]) {
    const buffer = copies.add(new Uint8Array(length).fill(7));
    assert.deepEqual([buffer.byteLength, copies.used], [length, length]);
  }
  assert.notEqual(copies.add(new Uint8Array(CHUNK + 1)), small);
});
