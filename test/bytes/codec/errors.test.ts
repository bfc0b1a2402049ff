// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as c from '../../../src/bytes/codec/index.ts';
import { toHex } from './helpers.ts';

const address = c.struct({ addr: c.array(c.u8, 4), port: c.u16be });

const refused: readonly (readonly [c.Codec<unknown>, unknown, 'TypeError' | 'RangeError', string])[] = [
  [c.u8, 256, 'RangeError', 'value: 256 is not a u8 (0 to 255)'],
  [c.u8, -1, 'RangeError', 'value: -1 is not a u8 (0 to 255)'],
  [c.i8, 128, 'RangeError', 'value: 128 is not an i8 (-128 to 127)'],
  [c.u16, 1.5, 'RangeError', 'value: 1.5 is not a u16 (0 to 65535)'],
  [c.i16be, -32769, 'RangeError', 'value: -32769 is not an i16be (-32768 to 32767)'],
  [c.u32, Number.NaN, 'RangeError', 'value: NaN is not a u32 (0 to 4294967295)'],
  [c.i32, 2 ** 31, 'RangeError', 'value: 2147483648 is not an i32 (-2147483648 to 2147483647)'],
  [c.u32, 4n, 'TypeError', 'value: expected a u32 as a number, got 4n'],
  [c.u32, '4', 'TypeError', 'value: expected a u32 (0 to 4294967295), got "4"'],
  [c.u64, 4, 'TypeError', 'value: expected a u64 as a bigint, got 4'],
  [c.u64, -1n, 'RangeError', 'value: -1n is not a u64 (0n to 18446744073709551615n)'],
  [c.i64, 2n ** 63n, 'RangeError', 'value: 9223372036854775808n is not an i64'],
  [c.f64, 1n, 'TypeError', 'value: expected a number, got 1n'],
  [c.bool, 1, 'TypeError', 'value: expected a boolean, got 1'],
  [c.nothing, 1, 'TypeError', 'value: expected undefined, got 1'],
  [c.bytes(2), [1, 2], 'TypeError', 'value: expected a Uint8Array of 2 bytes, got an array of 2'],
  [c.bytes(2), new Uint8Array(3), 'RangeError', 'value: expected exactly 2 bytes, got 3'],
  [c.string(3), 'abcd', 'RangeError', 'value: "abcd" needs more than the 3 bytes there are'],
  [c.string(4), '€€', 'RangeError', 'value: "€€" needs 6 bytes, but there are only 4'],
  [c.string(4), 'a\0b', 'RangeError', 'value: "a\\u0000b" holds a NUL, which ends a C string'],
  [c.string(9), 'a\ud800', 'RangeError', 'value: the string holds a lone surrogate'],
  [c.string(4), undefined, 'TypeError', 'value: expected a string, got undefined'],
  [c.array(c.u8, 2), [1], 'RangeError', 'value: expected exactly 2 elements, got 1'],
  [c.array(c.u8, 2), 'ab', 'TypeError', 'value: expected an array of 2, got "ab"'],
  [c.typedArray(Int8Array, 2), [1, 2], 'TypeError', 'value: expected Int8Array of 2 elements, got an array'],
  [c.typedArray(Int8Array, 2), new Int8Array(1), 'RangeError', 'value: expected exactly 2 elements, got 1'],
  [address, null, 'TypeError', 'value: expected an object with addr, port, got null'],
  [address, { addr: [1, 2, 300, 4], port: 1 }, 'RangeError', 'value.addr[2]: 300 is not a u8 (0 to 255)'],
  [address, { addr: [1, 2, 3, 4] }, 'TypeError', 'value.port: expected a u16be (0 to 65535), got undefined'],
  [c.array(address, 1), [{ addr: 7 }], 'TypeError', 'value[0].addr: expected an array of 4, got 7'],
];

test('a value that does not fit is refused with its path', () => {
  for (const [codec, value, name, message] of refused) {
    assert.throws(
      () => toHex(codec, value),
      (error: Error) => {
        assert.equal(error.name, name, message);
        assert.ok(error.message.startsWith(message), `${error.message} ≠ ${message}`);
        assert.ok(error.stack?.includes(error.message), 'the stack says the same as the message');
        return true;
      },
    );
  }
});

test('the root of the path can be named', () => {
  try {
    toHex(address, { addr: [1, 2, 3, -4], port: 1 });
    assert.fail('it was accepted');
  } catch (error) {
    assert.equal((c.nameRoot(error, 'key') as Error).message, 'key.addr[3]: -4 is not a u8 (0 to 255)');
  }
});

test('errors that are not about the value stay as they are', () => {
  const own = new Error('mine');
  const angry: c.Codec<number> = {
    ...c.u8,
    encode(): void {
      throw own;
    },
  };
  assert.throws(
    () => toHex(c.struct({ a: c.array(angry, 1) }), { a: [1] }),
    (error) => error === own && own.message === 'mine',
  );
});

test('codecs that make no sense are refused where they are made', () => {
  assert.throws(
    () => c.bytes(0),
    new RangeError('bytes: 0 is not a whole number of at least 1 that fits a value'),
  );
  assert.throws(() => c.array(c.u32, 1.5), RangeError);
  assert.throws(() => c.string(2 ** 31), RangeError);
  assert.throws(() => c.bytes('3' as never), new TypeError('bytes: expected a number, got string'));
  assert.throws(() => c.struct({}), new TypeError('struct: expected at least one member'));
  assert.throws(() => c.struct({ 1: c.u8 }), TypeError);
  assert.throws(() => c.struct({ ['__proto__']: c.u8 }), TypeError);
  assert.throws(
    () => c.struct({ a: c.u8 }, { paked: true } as never),
    new TypeError('struct: unknown option "paked" (did you mean "packed"?)'),
  );
});
