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
  const small = copies.add(new Uint8Array(CHUNK - CHUNK / 4));
  for (const length of [CHUNK / 4 + 1, CHUNK, CHUNK + 1, 10 * CHUNK]) {
    const buffer = copies.add(new Uint8Array(length).fill(7));
    assert.deepEqual([buffer.byteLength, copies.used], [length, length]);
  }
  assert.notEqual(copies.add(new Uint8Array(CHUNK + 1)), small);
});

test('small copies after large ones overwrite nothing', () => {
  const copies = new Copies();
  const made = Array.from({ length: 40 }, (_, value) => {
    const length = value % 3 === 2 ? CHUNK / 4 + 100 * value : 3000;
    const buffer = copies.add(new Uint8Array(length).fill(value));
    return { copy: new Uint8Array(buffer, copies.used - length, length), length, value };
  });
  for (const { copy, length, value } of made) {
    assert.deepEqual(copy, new Uint8Array(length).fill(value));
  }
});

test('copies that are as long as there is room fill their memory', () => {
  const copies = new Copies();
  copies.add(new Uint8Array(10));
  const room = copies.room(100);
  assert.equal(room, CHUNK - 16);
  copies.add(new Uint8Array(room));
  assert.equal(copies.used, CHUNK);
  assert.equal(copies.room(100), CHUNK);
  assert.equal(copies.room(CHUNK + 1), CHUNK + 1, 'memory of its own');
});
