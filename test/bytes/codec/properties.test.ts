// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as c from '../../../src/bytes/codec/index.ts';
import { fromHex, toHex } from './helpers.ts';

/** A codec, and values that fit it. */
interface Sample {
  readonly codec: c.Codec<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

const integer = (codec: c.Codec<number>, min: number, max: number): Sample => {
  return { codec, values: fc.integer({ min, max }) };
};
const big = (codec: c.Codec<bigint>, min: bigint, max: bigint): Sample => {
  return { codec, values: fc.bigInt({ min, max }) };
};

const scalars: readonly Sample[] = [
  integer(c.u8, 0, 255),
  integer(c.i8, -128, 127),
  ...[c.u16, c.u16le, c.u16be].map((codec) => integer(codec, 0, 65535)),
  ...[c.i16, c.i16le, c.i16be].map((codec) => integer(codec, -32768, 32767)),
  ...[c.u32, c.u32le, c.u32be].map((codec) => integer(codec, 0, 0xffffffff)),
  ...[c.i32, c.i32le, c.i32be].map((codec) => integer(codec, -0x80000000, 0x7fffffff)),
  ...[c.u64, c.u64le, c.u64be].map((codec) => big(codec, 0n, 2n ** 64n - 1n)),
  ...[c.i64, c.i64le, c.i64be].map((codec) => big(codec, -(2n ** 63n), 2n ** 63n - 1n)),
  ...[c.f32, c.f32le, c.f32be].map((codec) => ({ codec, values: fc.float() })),
  ...[c.f64, c.f64le, c.f64be].map((codec) => ({ codec, values: fc.double() })),
  { codec: c.bool, values: fc.boolean() },
  { codec: c.bytes(5), values: fc.uint8Array({ minLength: 5, maxLength: 5 }) },
  { codec: c.bytes(40), values: fc.uint8Array({ minLength: 40, maxLength: 40 }) },
  {
    codec: c.string(12),
    values: fc
      .string({ unit: 'binary', maxLength: 12 })
      .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= 12),
  },
];

/** Nested structures and arrays of the codecs above. */
const samples: fc.Arbitrary<Sample> = fc.letrec<{ any: Sample; struct: Sample; array: Sample }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'codec' },
    fc.constantFrom(...scalars),
    tie('struct'),
    tie('array'),
  ),
  array: fc.tuple(tie('any'), fc.integer({ min: 1, max: 4 })).map(([sample, length]) => ({
    codec: c.array(sample.codec, length),
    values: fc.array(sample.values, { minLength: length, maxLength: length }),
  })),
  struct: fc
    .tuple(fc.array(tie('any'), { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([members, packed]) => ({
      codec: c.struct(Object.fromEntries(members.map(({ codec }, i) => [`m${i}`, codec])), { packed }),
      values: fc.record(Object.fromEntries(members.map(({ values }, i) => [`m${i}`, values]))),
    })) as fc.Arbitrary<Sample>,
})).any;

const withValue = samples.chain((sample) => sample.values.map((value) => ({ codec: sample.codec, value })));

test('what was written reads back, and writes the same bytes again', () => {
  fc.assert(
    fc.property(withValue, ({ codec, value }) => {
      const hex = toHex(codec, value);
      const back = fromHex(codec, hex);
      assert.equal(toHex(codec, back), hex);
      assert.deepEqual(normal(back), normal(value));
    }),
    { numRuns: 300 },
  );
});

test('sizes and offsets keep the alignment', () => {
  fc.assert(
    fc.property(samples, ({ codec }) => {
      assert.equal(codec.size % codec.align, 0, codec.name);
      if ('offsets' in codec && codec.align > 1) {
        const { fields, offsets } = codec as c.StructCodec<c.Fields>;
        for (const [name, field] of Object.entries(fields))
          assert.equal((offsets[name] ?? 1) % field.align, 0);
      }
    }),
  );
});

test('a number outside the range is always refused', () => {
  const ranges = [
    [c.u8, 0, 255],
    [c.i8, -128, 127],
    [c.u16, 0, 65535],
    [c.i16, -32768, 32767],
    [c.u32, 0, 0xffffffff],
    [c.i32, -0x80000000, 0x7fffffff],
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...ranges), fc.double(), ([codec, min, max], value) => {
      fc.pre(!(Number.isInteger(value) && value >= min && value <= max));
      assert.throws(() => toHex(codec, value), RangeError);
    }),
  );
});

/** Gives objects a prototype: fast-check makes records without one, which strict equality would see as a difference. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
}
