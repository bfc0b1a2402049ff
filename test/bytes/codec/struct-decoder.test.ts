// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { string, struct, u8, u16le, u32le, u64le } from '../../../src/bytes/codec/index.ts';

const kinds = [u32le, u64le, u8, u16le, string(5)] as const;

test('structures of any number of members decode to plain objects, with the members in order', () => {
  for (let members = 1; members <= 20; members++) {
    const fields = Object.fromEntries(
      Array.from({ length: members }, (_, index) => [`m${index}`, kinds[index % kinds.length] ?? u8]),
    );
    const codec = struct<Record<string, (typeof kinds)[number]>>(fields as never);
    const value = Object.fromEntries(
      Object.keys(fields).map((name, index) => [
        name,
        [index, BigInt(index), index, index, `s${index}`][index % kinds.length],
      ]),
    );
    const view = new DataView(new ArrayBuffer(codec.size + 8));
    codec.encode(view, 8, value as never);
    const decoded = codec.decode(view, 8);
    assert.deepEqual(decoded, value);
    assert.deepEqual(Object.keys(decoded), Object.keys(fields));
    assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
    assert.deepEqual({ ...decoded }, structuredClone(decoded));
  }
});

test('two structures with as many members do not get into the way of each other', () => {
  const one = struct({ a: u32le, b: u32le });
  const other = struct({ x: u32le, y: u32le });
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(4, 7, true);
  for (let round = 0; round < 1000; round++) {
    assert.deepEqual(one.decode(view, 0), { a: 0, b: 7 });
    assert.deepEqual(other.decode(view, 0), { x: 0, y: 7 });
  }
});
