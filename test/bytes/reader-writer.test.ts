// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../src/bytes/index.ts';
import { FormatError } from '../../src/errors/index.ts';

test('what ByteWriter writes, ByteReader reads, in both byte orders and across every growth', () => {
  const item = fc.oneof(
    fc.record({ form: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
    fc.record({ form: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
    fc.record({ form: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
    fc.record({ form: fc.constant('i32' as const), value: fc.integer() }),
    fc.record({ form: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    fc.record({
      form: fc.constant('i64' as const),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    fc.record({
      form: fc.constant('cstring' as const),
      value: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    }),
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.boolean(), (items, littleEndian) => {
      const writer = new ByteWriter({ littleEndian, capacity: 16 });
      for (const { form, value } of items) {
        if (form === 'cstring') writer.cstring(value);
        else if (form === 'u64' || form === 'i64') writer.u64(value);
        else if (form === 'i32') writer.u32(value);
        else writer[form](value);
      }
      const reader = new ByteReader(writer.toBytes(), { littleEndian });
      for (const { form, value } of items) assert.equal(reader[form](), value);
      assert.equal(reader.remaining, 0);
    }),
  );
});

test('bytes come in the order asked for', () => {
  const bytes = (littleEndian: boolean): number[] => [
    ...new ByteWriter({ littleEndian }).u16(0x0102).u32(0x03040506).u8(7).align(8).u64(8).toBytes(),
  ];
  assert.deepEqual(bytes(false), [1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 8]);
  assert.deepEqual(bytes(true), [2, 1, 6, 5, 4, 3, 7, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
});

test('reads outside the bytes are FormatErrors that name section and offset', () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 3]), { section: '.BTF', file: 'a.o', origin: 100 });
  reader.u8();
  assert.throws(
    () => reader.u32(),
    (error) =>
      error instanceof FormatError &&
      error.section === '.BTF' &&
      error.offset === 101 &&
      error.message === 'a.o, .BTF, offset 101: 4 bytes needed, 2 left',
  );
  assert.equal(reader.position, 1);
  for (const wrong of [-1, 4, 0.5, NaN]) assert.throws(() => reader.seek(wrong), FormatError);
  assert.throws(() => reader.bytes(NaN), FormatError);
  assert.throws(() => reader.bytes(-1), FormatError);
  assert.throws(() => reader.cstring(), /without a terminating NUL/);
  assert.throws(() => reader.align(8), FormatError);
  const part = reader.slice(2, 'part');
  assert.equal(part.length, 2);
  assert.equal(reader.remaining, 0);
  assert.throws(() => part.u32(), /part, offset 0/);
  const large = new ByteReader(new Uint8Array(8).fill(0xff));
  assert.throws(() => large.size64(), /too large a size/);
});

test('ByteWriter refuses what cannot be read back', () => {
  const writer = new ByteWriter().u32(0);
  assert.throws(() => writer.cstring('a\0b'), TypeError);
  assert.throws(() => writer.patchU32(1, 0), RangeError);
  assert.deepEqual([...writer.patchU32(0, 0x01020304).toBytes()], [4, 3, 2, 1]);
});
