import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes, findMember } from '../../src/btf/index.ts';
import { FormatError } from '../../src/errors/index.ts';

test('members are found in anonymous structs and unions, with offsets from the outermost type', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4);
  const inner = builder.struct('', 8, [
    { name: 'a', type: int },
    { name: 'b', type: int, offset: 4 },
  ]);
  const choice = builder.union('', 8, [
    { name: 'c', type: int },
    { name: '', type: builder.modifier('const', inner) },
  ]);
  const named = builder.struct('named', 8, [{ name: 'hidden', type: int }]);
  const outer = builder.struct('outer', 24, [
    { name: 'first', type: int },
    { name: '', type: choice, offset: 8 },
    { name: 'named', type: named, offset: 16 },
    { name: 'bits', type: int, bitOffset: 180, bitSize: 3 },
  ]);
  const types = BtfTypes.parse(builder.encode());
  const at = (name: string): number | undefined => findMember(types, outer, name)?.bitOffset;
  assert.equal(at('first'), 0);
  assert.equal(at('c'), 64);
  assert.equal(at('b'), 96);
  assert.equal(at('named'), 128);
  assert.equal(findMember(types, outer, 'bits')?.bitSize, 3);
  assert.equal(at('hidden'), undefined);
  assert.equal(at(''), undefined);
  assert.equal(findMember(types, int, 'a'), undefined);
});

test('hostile nesting neither hangs nor overflows', () => {
  const builder = new BtfBuilder();
  builder.struct('a', 8, [{ name: '', type: 2 }]);
  builder.struct('', 8, [{ name: '', type: 1 }]);
  // Each struct contains the next one twice, so there are 2^60 paths through them.
  for (let i = 0; i < 60; i++) {
    const next = builder.nextId + 1;
    builder.struct('', 8, [
      { name: '', type: next },
      { name: '', type: next },
    ]);
  }
  builder.int('int', 4);
  const types = BtfTypes.parse(builder.encode());
  assert.equal(findMember(types, 1, 'x'), undefined);
  assert.equal(findMember(types, 3, 'x'), undefined);

  const deep = new BtfBuilder();
  for (let i = 0; i < 50_000; i++) deep.struct('', 8, [{ name: '', type: deep.nextId + 1 }]);
  deep.int('int', 4);
  const nested = BtfTypes.parse(deep.encode());
  assert.throws(() => findMember(nested, 1, 'x'), FormatError);
});
