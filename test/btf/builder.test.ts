import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes, type NewBtfType } from '../../src/btf/index.ts';
import { anyTypes } from './arbitrary.ts';

function build(types: readonly NewBtfType[], littleEndian: boolean): Uint8Array {
  const builder = new BtfBuilder();
  for (const type of types) builder.add(type);
  return builder.encode({ littleEndian });
}

test('what is built is parsed back, in both byte orders and at any alignment', () => {
  fc.assert(
    fc.property(anyTypes, fc.boolean(), fc.integer({ min: 0, max: 3 }), (types, littleEndian, shift) => {
      const blob = build(types, littleEndian);
      const moved = new Uint8Array(blob.length + shift).subarray(shift);
      moved.set(blob);
      const parsed = BtfTypes.parse(moved);
      assert.equal(parsed.littleEndian, littleEndian);
      assert.equal(parsed.count, types.length);
      assert.deepEqual(
        [...parsed],
        types.map((type, i) => ({ ...type, id: i + 1 })),
      );
      assert.deepEqual(build([...parsed] as NewBtfType[], littleEndian), blob);
      for (const { name, kind } of [...parsed, ...parsed, ...parsed, ...parsed]) {
        if (name === '') continue;
        const expected = [...parsed].filter((other) => other.name === name);
        assert.deepEqual(
          [...parsed.idsByName(name)],
          expected.map(({ id }) => id),
        );
        assert.equal(parsed.byName(name, kind)?.id, expected.find((other) => other.kind === kind)?.id);
      }
    }),
    { numRuns: 300 },
  );
});

test('strings are stored once', () => {
  const builder = new BtfBuilder();
  const int = builder.int('same', 4);
  builder.struct('same', 4, [{ name: 'same', type: int }]);
  const text = Buffer.from(builder.encode()).toString('latin1');
  assert.equal(text.split('same').length, 2);
});

test('the convenience methods number their types and describe them', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 'signed');
  const next = builder.nextId + 1;
  const pointer = builder.ptr(next);
  const node = builder.struct('node', 16, [
    { name: 'next', type: pointer },
    { name: 'low', type: int, bitOffset: 64, bitSize: 3 },
  ]);
  assert.equal(node, next);
  builder.enum('sign', [{ name: 'MINUS', value: -1 }]);
  builder.enum64('wide', [{ name: 'WIDE', value: 1n << 40n }]);
  const proto = builder.funcProto(int, [{ name: 'n', type: pointer }]);
  builder.declTag('tag', builder.func('f', proto, 'global'), 0);
  const variable = builder.variable('v', builder.modifier('const', int));
  builder.dataSection('.rodata', 4, [{ type: variable, offset: 0, size: 4 }]);
  builder.array(builder.typedef('t', int), 3, int);
  builder.union('u', 4, [{ name: 'f', type: builder.float('float', 4) }]);
  builder.typeTag('user', builder.forward('other', 'union'));
  const types = BtfTypes.parse(builder.encode());
  assert.equal(types.count, builder.count);
  assert.deepEqual(types.byName('node', 'struct')?.members, [
    { name: 'next', type: pointer, bitOffset: 0, bitSize: 0 },
    { name: 'low', type: int, bitOffset: 64, bitSize: 3 },
  ]);
  assert.equal(types.byName('sign', 'enum')?.signed, true);
  assert.deepEqual(types.byName('wide', 'enum64')?.values, [{ name: 'WIDE', value: 1n << 40n }]);
});

test('values the format has no room for are refused', () => {
  const refused = (fill: (builder: BtfBuilder) => void): void => {
    const builder = new BtfBuilder();
    fill(builder);
    assert.throws(() => builder.encode(), RangeError);
  };
  refused((btf) => btf.ptr(2));
  refused((btf) => btf.ptr(-1));
  refused((btf) => btf.int('huge', 17));
  refused((btf) => btf.array(0, 2 ** 32, 0));
  refused((btf) => btf.enum('e', [{ name: 'A', value: 2 ** 32 }]));
  refused((btf) => btf.enum64('e', [{ name: 'A', value: 1n << 64n }]));
  refused((btf) => btf.struct('s', 4, [{ name: 'b', type: 0, bitOffset: 2 ** 24, bitSize: 1 }]));
  refused((btf) => btf.struct('s', -4, []));
  const builder = new BtfBuilder();
  builder.int('a\0b', 4);
  assert.throws(() => builder.encode(), TypeError);
});
