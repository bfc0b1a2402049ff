// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, bindBpf, bpf, bpfAsync, Fd, native, withBinding } from '../../src/sys/index.ts';

const HASH = { map_type: 1, key_size: 4, value_size: 8, max_entries: 4 };

/** Bytes in the order in which they are read. */
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test('a map is created, written and read through bpf()', (t) => {
  const result = bpf('map_create', HASH);
  if (result === -1) return t.skip('creating maps needs CAP_BPF');
  using fd = Fd.adopt(result, 'map');
  const key = bytes(1, 0, 0, 0);
  const value = bytes(1, 2, 3, 4, 5, 6, 7, 8);
  assert.equal(bpf('map_update_elem', { map_fd: fd.value, key, value }), 0);
  const read = new Uint8Array(8);
  assert.equal(bpf('map_lookup_elem', { map_fd: fd.value, key, value: read }), 0);
  assert.deepEqual(read, value);
  assert.equal(bpf('map_lookup_elem', { map_fd: fd.value, key: bytes(2, 0, 0, 0), value: read }), -2);
});

test('a bound call uses what its buffer holds when it is made', (t) => {
  const result = bpf('map_create', HASH);
  if (result === -1) return t.skip('creating maps needs CAP_BPF');
  using fd = Fd.adopt(result, 'map');
  const memory = new ArrayBuffer(32 + 4 + 8);
  const attr = new DataView(memory);
  attr.setUint32(0, fd.value, true);
  attr.setBigUint64(8, BigInt(addressOf(memory)) + 32n, true);
  attr.setBigUint64(16, BigInt(addressOf(memory)) + 36n, true);
  const update = bindBpf('map_update_elem', attr, 32);
  const lookup = bindBpf('map_lookup_elem', attr, 32);
  attr.setUint32(32, 7, true);
  attr.setUint8(36, 9);
  assert.equal(update(), 0);
  attr.setUint8(36, 0);
  assert.equal(lookup(), 0);
  assert.equal(attr.getUint8(36), 9);
  attr.setUint32(32, 8, true);
  assert.equal(lookup(), -2);
});

test('the asynchronous form answers like the synchronous one', async (t) => {
  const result = await bpfAsync('map_create', HASH);
  if (result === -1) return t.skip('creating maps needs CAP_BPF');
  Fd.adopt(result, 'map').close();
  assert.equal(await bpfAsync('map_create', { ...HASH, key_size: 0 }), -22);
});

test('sizes beyond the buffer and things that are no buffer are refused', () => {
  const { bpf: call, bind, address } = native();
  assert.throws(() => call(0, new Uint8Array(8), 9), RangeError);
  assert.throws(() => bind(0, new Uint8Array(8), 9, {}), RangeError);
  assert.throws(() => call(0, {} as Uint8Array, 0), TypeError);
  assert.throws(() => address('x' as unknown as Uint8Array), TypeError);
});

test('another binding can stand in, and leaves with the body', () => {
  const seen: number[] = [];
  const recording = {
    ...native(),
    bpf(command: number): number {
      seen.push(command);
      return -38;
    },
  };
  assert.equal(
    withBinding(recording, () => bpf('map_create', HASH)),
    -38,
  );
  assert.deepEqual(seen, [0]);
  assert.notEqual(native(), recording);
});
