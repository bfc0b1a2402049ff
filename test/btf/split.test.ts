import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes, printTypesAsC } from '../../src/btf/index.ts';
import { ByteWriter } from '../../src/bytes/index.ts';

/** BTF that continues `base`: a typedef of base type 1, named by a string of the base, and an int of its own. */
function continued(nameInBase: number, baseStrings: number): Uint8Array {
  const strings = '\0own\0';
  return new ByteWriter()
    .u16(0xeb9f)
    .u8(1)
    .u8(0)
    .u32(24)
    .u32(0)
    .u32(28)
    .u32(28)
    .u32(strings.length)
    .u32(nameInBase)
    .u32(8 << 24)
    .u32(1)
    .u32(baseStrings + 1)
    .u32(1 << 24)
    .u32(2)
    .u32(16)
    .bytes(new TextEncoder().encode(strings))
    .toBytes();
}

test('BTF that continues another numbers on and uses its types and strings', () => {
  const builder = new BtfBuilder();
  builder.int('int', 4, 'signed');
  builder.typedef('shared', 1);
  const base = BtfTypes.parse(builder.encode({ littleEndian: true }));
  const strings = '\0int\0shared\0';
  const types = BtfTypes.parse(continued(strings.indexOf('shared'), strings.length), { base });

  assert.equal(types.count, 4);
  assert.deepEqual(
    [...types].map(({ id, kind, name }) => [id, kind, name]),
    [
      [1, 'int', 'int'],
      [2, 'typedef', 'shared'],
      [3, 'typedef', 'shared'],
      [4, 'int', 'own'],
    ],
  );
  // The first searches walk over the types. Later ones use a table.
  for (let search = 0; search < 50; search++) {
    assert.deepEqual([...types.idsByName('shared')], [2, 3]);
    assert.deepEqual([...types.idsByName('own')], [4]);
    assert.deepEqual([...types.idsByName('ow')], []);
  }
  assert.equal(types.resolve(3).id, 1);
  assert.equal(types.sizeOf(4), 2);
  assert.equal(types.nameOf(3), 'shared');
  assert.throws(() => base.byId(3), RangeError);
});

test('without its base it cannot be read', () => {
  const types = BtfTypes.parse(continued(5, 12));
  assert.throws(() => types.nameOf(1), /strings end at/);
});

test('of BTF that continues another only its own types are printed, after those of the base that they need', () => {
  const builder = new BtfBuilder();
  builder.typedef('needed', 2);
  builder.int('int', 4, 'signed');
  builder.typedef('left_out', 2);
  const base = BtfTypes.parse(builder.encode({ littleEndian: true }));
  const strings = '\0needed\0int\0left_out\0';
  const types = BtfTypes.parse(continued(strings.indexOf('left_out'), strings.length), { base });
  assert.deepEqual([...printTypesAsC(types)], ['typedef int needed;\n', 'typedef needed left_out___2;\n']);
});

test('a base that is not types is refused', () => {
  const bytes = new BtfBuilder().encode();
  for (const [base, shown] of [
    [null, 'null'],
    [{}, 'an object'],
    [bytes, `Uint8Array of ${bytes.length} bytes`],
  ]) {
    assert.throws(() => BtfTypes.parse(bytes, { base } as never), {
      name: 'TypeError',
      message: `BtfTypes.parse: base must be BtfTypes, got ${shown}`,
    });
    assert.throws(() => new BtfBuilder({ base } as never), {
      name: 'TypeError',
      message: `BtfBuilder: base must be BtfTypes, got ${shown}`,
    });
  }
});
