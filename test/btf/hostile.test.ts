import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, type BtfParseOptions, BtfTypes } from '../../src/btf/index.ts';
import { ByteWriter } from '../../src/bytes/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import { anyTypes } from './arbitrary.ts';
import { exhaust } from './exhaust.ts';

/** A header with the given fields, followed by `rest`. */
function blob(
  fields: Partial<
    Record<
      'magic' | 'version' | 'flags' | 'length' | 'types' | 'typesLength' | 'strings' | 'stringsLength',
      number
    >
  >,
  rest: readonly number[] = [0],
): Uint8Array {
  return new ByteWriter()
    .u16(fields.magic ?? 0xeb9f)
    .u8(fields.version ?? 1)
    .u8(fields.flags ?? 0)
    .u32(fields.length ?? 24)
    .u32(fields.types ?? 0)
    .u32(fields.typesLength ?? 0)
    .u32(fields.strings ?? 0)
    .u32(fields.stringsLength ?? rest.length)
    .bytes(Uint8Array.from(rest))
    .toBytes();
}

/** A blob of types given as words. */
function typesOf(words: readonly number[], strings: readonly number[] = [0]): Uint8Array {
  const bytes = [...new Uint8Array(Uint32Array.from(words).buffer)];
  return blob({ typesLength: bytes.length, strings: bytes.length, stringsLength: strings.length }, [
    ...bytes,
    ...strings,
  ]);
}

test('headers that lie are refused with what was seen', () => {
  const cases: readonly [Uint8Array, RegExp][] = [
    [new Uint8Array(), /2 bytes needed, 0 left/],
    [blob({}).subarray(0, 20), /with 20 bytes in all/],
    [blob({ magic: 0x1234 }), /magic 0x/],
    [blob({ version: 2 }), /version 2/],
    [blob({ flags: 1 }), /flags 0x1/],
    [blob({ length: 23 }), /header length 23/],
    [blob({ length: 4000 }), /header length 4000/],
    [blob({ typesLength: 8 }), /types end at 32/],
    [blob({ types: 0xffff_fff0, typesLength: 0xffff_fff0 }), /types end at/],
    [blob({ typesLength: 1 }), /not a multiple of 4/],
    [blob({ strings: 1 }), /strings end at 26/],
    [blob({ stringsLength: 0 }), /do not end with a NUL/],
    [blob({}, [0, 65]), /do not end with a NUL/],
    [blob({}, [65, 0]), /first string is not empty/],
  ];
  for (const [bytes, expected] of cases) {
    assert.throws(
      () => BtfTypes.parse(bytes),
      (error) => error instanceof FormatError && expected.test(error.message),
      String(expected),
    );
  }
  assert.throws(
    () => BtfTypes.parse(blob({ version: 2 }), { file: 'x.btf' }),
    /^FormatError: x\.btf, \.BTF, offset 2: /,
  );
});

test('a header longer than the one known is read', () => {
  const bytes = blob({ length: 32 }, [0, 0, 0, 0, 0, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(20, 1, true);
  assert.equal(BtfTypes.parse(bytes).count, 0);
});

test('types that lie are refused, at once or when they are read', () => {
  const KIND = (kind: number, length = 0): number => (kind << 24) | length;
  const atOnce: readonly [readonly number[], RegExp][] = [
    [[0, KIND(0), 0], /unknown kind 0/],
    [[0, KIND(20), 0], /unknown kind 20/],
    [[0, KIND(127), 0], /unknown kind 127/],
    [[0, KIND(1)], /does not end with the section/],
    [[0, KIND(1), 4], /does not end with the section/],
    [[0, KIND(4, 0xff_ffff), 4], /does not end with the section/],
  ];
  for (const [words, expected] of atOnce) assert.throws(() => BtfTypes.parse(typesOf(words)), expected);
  const whenRead: readonly [readonly number[], RegExp][] = [
    [[9, KIND(2), 0], /name at 9, but the strings end at 1/],
    [[0, KIND(2), 2], /refers to type 2, but there are only 1/],
    [[0, KIND(4, 1), 4, 0, 7, 0], /refers to type 7/],
    [[0, KIND(1), 4, 5 << 24], /unknown integer encoding 5/],
    [[0, KIND(1), 4, 33], /33 bits/],
    [[0, KIND(12, 3), 0], /unknown linkage 3/],
    [[0, KIND(14), 0, 3], /unknown linkage 3/],
  ];
  for (const [words, expected] of whenRead) {
    const types = BtfTypes.parse(typesOf(words));
    assert.throws(
      () => types.byId(1),
      (error) => error instanceof FormatError && expected.test(error.message),
    );
    assert.throws(() => [...types], FormatError);
  }
});

test('types that refer to each other in a circle end in an error, not in a hang', () => {
  const builder = new BtfBuilder();
  builder.typedef('a', 2);
  builder.typedef('b', 1);
  builder.array(3, 2, 1);
  builder.variable('v', 4);
  const types = BtfTypes.parse(builder.encode());
  assert.throws(() => types.resolve(1), /circle/);
  assert.throws(() => types.sizeOf(2), FormatError);
  assert.throws(() => types.sizeOf(3), /circle/);
  assert.throws(() => types.sizeOf(4), /circle/);
});

test('long names and long circles cost no more than their length', () => {
  const builder = new BtfBuilder();
  builder.typedef('x'.repeat(4095), 0);
  const types = BtfTypes.parse(builder.encode());
  assert.equal(types.byName('x'.repeat(4095))?.id, 1);
  builder.typedef('x'.repeat(4096), 0);
  assert.throws(() => builder.encode(), RangeError);

  // 30,000 types share one name of 1 MB. With quadratic work this would never end.
  const strings = [0, ...new Array<number>(1_000_000).fill(0x78), 0];
  const shared = BtfTypes.parse(typesOf(new Array<number[]>(30_000).fill([1, 8 << 24, 0]).flat(), strings));
  assert.equal(shared.byName('y'), undefined);
  for (let id = 1; id <= shared.count; id++) assert.throws(() => shared.nameOf(id), /longer than 4095/);

  // An array of a typedef of a typedef ... of the array.
  const ring = new BtfBuilder();
  for (let id = 1; id < 60_000; id++) ring.typedef('', id + 1);
  ring.array(1, 1, 1);
  assert.throws(() => BtfTypes.parse(ring.encode()).sizeOf(1), /circle/);
});

test('numbers of types that do not exist are RangeErrors', () => {
  const types = BtfTypes.parse(new BtfBuilder().encode());
  assert.equal(types.byId(0).kind, 'void');
  assert.equal(types.nameOf(0), '');
  for (const id of [1, -1, 0.5, NaN, 2 ** 40]) {
    assert.throws(() => types.byId(id), RangeError);
    assert.throws(() => types.kindOf(id), RangeError);
    assert.throws(() => types.nameOf(id), RangeError);
  }
  assert.throws(() => types.sizeOf(0), /a void has no size/);
});

test('damaged blobs give FormatErrors and nothing else', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(anyTypes, fc.boolean(), damage, fc.option(fc.nat()), (types, littleEndian, changes, cut) => {
      const builder = new BtfBuilder();
      for (const type of types) builder.add(type);
      const good = builder.encode({ littleEndian });
      const bad = cut === null ? good.slice() : good.slice(0, cut % good.length);
      for (const [at, value] of changes) if (bad.length > 0) bad[at % bad.length] = value;
      exhaust(bad);
      exhaust(bad, { base: BtfTypes.parse(good) } satisfies BtfParseOptions);
    }),
    { numRuns: 500 },
  );
});
