// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, nothing, string, struct, typedArray, u32 } from '../../../src/bytes/codec/index.ts';

const own = (given: object): never =>
  ({ name: 'own', size: 4, align: 4, encode() {}, decode: () => 0, ...given }) as never;

const refused: readonly (readonly [() => unknown, string])[] = [
  ...[1, 'u32', {}, [], null, undefined, () => 0].map(
    (member) =>
      [
        () => struct({ first: u32, second: member as never }),
        'struct: second must be a codec, such as u32 or struct({ \u2026 }), got ',
      ] as const,
  ),
  ...[{}, 1, null, undefined].map(
    (element) => [() => array(element as never, 2), 'array: element must be a codec, such as u32'] as const,
  ),
  ...[Number.NaN, -4, 1.5, 2 ** 40].map(
    (size) =>
      [
        () => struct({ a: own({ size }) }),
        `struct: a: size of the codec must be a whole number from 0 to 2147483647, got ${size}`,
      ] as const,
  ),
  ...[0, -1, 3, Number.NaN, 2 ** 30, undefined, '4'].map(
    (align) =>
      [
        () => struct({ a: own({ align }) }),
        'struct: a: align of the codec must be a power of two up to 65536, got ',
      ] as const,
  ),
  [
    () => array(own({ elements: Array }), 1),
    'array: element: elements of the codec must be the class of a typed',
  ],
  ...[DataView, Array, {}, null, undefined, 'Uint8Array', Object.getPrototypeOf(Uint8Array)].map(
    (type) =>
      [
        () => typedArray(type as never, 2),
        'typedArray: type must be the class of a typed array, such as Uint32Array, got ',
      ] as const,
  ),
  ...[null, undefined, 1, []].map(
    (fields) => [() => struct(fields as never), 'struct: fields must be an object, got '] as const,
  ),
];

test('what is not a codec is refused by name', () => {
  for (const [make, message] of refused) {
    assert.throws(make, (error: Error) => {
      assert.equal(error.name, 'TypeError', message);
      assert.ok(error.message.startsWith(message), `${error.message} \u2260 ${message}`);
      return true;
    });
  }
});

test('codecs of users, and without bytes, are accepted', () => {
  assert.equal(struct({ a: own({}), b: nothing, c: string(3) }).size, 8);
  assert.equal(array(own({ size: 0, align: 1 }), 2).size, 0);
  assert.equal(typedArray(class extends Uint16Array {} as typeof Uint16Array, 2).size, 4);
});
