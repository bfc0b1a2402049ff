// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as c from '../../../src/bytes/codec/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { fromHex, toHex } from './helpers.ts';

/** One row of a table: a value and its bytes. */
function row<T>(codec: c.Codec<T>, value: T, hex: string): () => void {
  return () => {
    assert.equal(toHex(codec, value), hex, `${codec.name} encodes`);
    assert.deepEqual(fromHex(codec, hex), value, `${codec.name} decodes`);
  };
}

test('numbers and booleans', () => {
  const rows = [
    row(c.u8, 0, '00'),
    row(c.u8, 255, 'ff'),
    row(c.i8, -128, '80'),
    row(c.i8, 127, '7f'),
    row(c.u16le, 0x1234, '3412'),
    row(c.u16be, 0x1234, '1234'),
    row(c.u16be, 65535, 'ffff'),
    row(c.i16le, -2, 'feff'),
    row(c.i16be, -32768, '8000'),
    row(c.u32le, 0xdeadbeef, 'efbeadde'),
    row(c.u32be, 0xdeadbeef, 'deadbeef'),
    row(c.i32le, -1, 'ffffffff'),
    row(c.i32be, -2147483648, '80000000'),
    row(c.u64le, 0x0102030405060708n, '0807060504030201'),
    row(c.u64be, 0xffffffffffffffffn, 'ffffffffffffffff'),
    row(c.i64le, -1n, 'ffffffffffffffff'),
    row(c.i64be, -0x8000000000000000n, '8000000000000000'),
    row(c.f32le, 1.5, '0000c03f'),
    row(c.f32be, -0, '80000000'),
    row(c.f64le, Number.NaN, '000000000000f87f'),
    row(c.f64be, 1 / 3, '3fd5555555555555'),
    row(c.bool, true, '01'),
    row(c.bool, false, '00'),
    row(c.nothing, undefined, ''),
  ];
  for (const check of rows) check();
  assert.equal(fromHex(c.bool, '80'), true);
});

test('host order is one of the two', () => {
  for (const [host, le, be] of [
    [c.u16, c.u16le, c.u16be],
    [c.i16, c.i16le, c.i16be],
    [c.u32, c.u32le, c.u32be],
    [c.i32, c.i32le, c.i32be],
    [c.f32, c.f32le, c.f32be],
    [c.f64, c.f64le, c.f64be],
  ] as const) {
    assert.equal(toHex(host, 3), toHex(HOST_LITTLE_ENDIAN ? le : be, 3));
  }
  for (const [host, le, be] of [
    [c.u64, c.u64le, c.u64be],
    [c.i64, c.i64le, c.i64be],
  ] as const) {
    assert.equal(toHex(host, 3n), toHex(HOST_LITTLE_ENDIAN ? le : be, 3n));
  }
});

test('bytes, strings and arrays', () => {
  const long = 'x'.repeat(100);
  const rows = [
    row(c.bytes(3), Uint8Array.of(1, 2, 3), '010203'),
    row(c.bytes(32), new Uint8Array(32).fill(7), '07'.repeat(32)),
    row(c.string(4), '', '00000000'),
    row(c.string(4), 'ab', '61620000'),
    row(c.string(4), 'abcd', '61626364'),
    row(c.string(6), 'aé€', '61c3a9e282ac'),
    row(c.string(8), '😀', 'f09f988000000000'),
    row(c.string(120), long, '78'.repeat(100) + '00'.repeat(20)),
    row(c.array(c.u16be, 3), [1, 2, 3], '000100020003'),
    row(
      c.array(c.array(c.u8, 2), 2),
      [
        [1, 2],
        [3, 4],
      ],
      '01020304',
    ),
    row(c.typedArray(Uint8Array, 2), Uint8Array.of(1, 2), '0102'),
    row(c.typedArray(Uint32Array, 2), Uint32Array.of(1, 0xffffffff), `${toHex(c.u32, 1)}ffffffff`),
    row(c.typedArray(BigUint64Array, 1), BigUint64Array.of(5n), toHex(c.u64, 5n)),
  ];
  for (const check of rows) check();
  assert.equal(fromHex(c.string(4), '61006262'), 'a', 'what follows the first NUL is not text');
  assert.equal(fromHex(c.string(2), 'ff00'), '\ufffd');
});

test('structures are laid out as in C, with zero padding', () => {
  const inner = c.struct({ a: c.u8, b: c.u16be });
  const outer = c.struct({ x: c.u8, inner, y: c.u64be, z: c.bool });
  assert.deepEqual(outer.offsets, { x: 0, inner: 2, y: 8, z: 16 });
  assert.equal(outer.size, 24);
  assert.equal(outer.align, 8);
  const value = { x: 1, inner: { a: 2, b: 3 }, y: 4n, z: true };
  row(outer, value, '010002000003000000000000000000040100000000000000')();
  const packed = c.struct({ x: c.u8, y: c.u64be, z: c.u16be }, { packed: true });
  row(packed, { x: 1, y: 2n, z: 3 }, '0100000000000000020003')();
  assert.equal(packed.align, 1);
});

test('what was read shares no memory with the source', () => {
  const memory = new Uint8Array(64);
  const view = new DataView(memory.buffer);
  const short = c.bytes(4).decode(view, 0);
  const long = c.bytes(64).decode(view, 0);
  const typed = c.typedArray(Uint16Array, 4).decode(view, 0);
  memory.fill(1);
  assert.deepEqual([...short, ...long, ...typed], new Array(4 + 64 + 4).fill(0));
});
