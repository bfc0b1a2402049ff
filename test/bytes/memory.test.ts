// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../src/bytes/index.ts';

test('the bytes of every kind of view', () => {
  const buffer = Uint8Array.from({ length: 32 }, (_, i) => i).buffer;
  for (const view of [
    new Uint8Array(buffer, 8, 16),
    new BigInt64Array(buffer, 8, 2),
    new Float32Array(buffer, 8, 4),
    new DataView(buffer, 8, 16),
    Buffer.from(buffer, 8, 16),
  ]) {
    const bytes = bytesOf(view);
    assert.equal(bytes.constructor, Uint8Array);
    assert.deepEqual([bytes.buffer, bytes.byteOffset, bytes.length], [buffer, 8, 16]);
  }
});

test('own properties do not change what a view is', () => {
  const view = new DataView(new ArrayBuffer(8), 4);
  for (const name of ['buffer', 'byteOffset', 'byteLength']) {
    Object.defineProperty(view, name, { get: () => assert.fail('foreign code was called') });
  }
  assert.equal(bytesOf(view).length, 4);
});

test('what is not a view, and what was transferred, is refused', () => {
  for (const wrong of [
    {},
    new ArrayBuffer(8),
    Object.create(Uint8Array.prototype),
    new Proxy(new Uint8Array(8), {}),
  ]) {
    assert.throws(() => bytesOf(wrong as Uint8Array), TypeError);
  }
  const gone = new Uint8Array(8);
  structuredClone(gone, { transfer: [gone.buffer] });
  assert.throws(() => bytesOf(gone), TypeError);
});
