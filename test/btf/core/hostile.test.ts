import { test } from 'node:test';
import fc from 'fast-check';
import { coreRelocationKinds, type NumberText } from '../../../src/abi/index.ts';
import { BtfBuilder, BtfTypes, CoreRelocator, type NewBtfType } from '../../../src/btf/index.ts';

import { anyTypes } from '../arbitrary.ts';
import { tryRelocation } from './try-relocation.ts';

function parse(types: readonly NewBtfType[]): BtfTypes {
  const builder = new BtfBuilder();
  for (const type of types) builder.add(type);
  return BtfTypes.parse(builder.encode());
}

const kinds = fc.oneof(
  fc.constantFrom(...coreRelocationKinds.names),
  fc.nat(20).map((number): NumberText => `${number}`),
);
const access = fc.oneof(
  fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }).map((list) => list.join(':')),
  fc.string(),
  fc.constant('0'),
);
const relocations = fc.array(fc.record({ kind: kinds, typeId: fc.nat(40), access }), { maxLength: 30 });

test('whatever types and access strings say, a relocation ends, with a value or an error of ours', () => {
  fc.assert(
    fc.property(anyTypes, anyTypes, relocations, (local, target, list) => {
      // With the same types on both sides, most of the relocations find something.
      for (const kernel of [parse(target), parse(local)]) {
        const relocator = new CoreRelocator(parse(local), kernel);
        for (const relocation of list) tryRelocation(relocator, relocation);
      }
    }),
    { numRuns: 500 },
  );
});

test('types that contain themselves many times over end too', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 'signed');
  const names = ['a', 'b', 'c', 'd', 'e'];
  const id = builder.nextId;
  builder.struct(
    'outer',
    8,
    names.map((name) => ({ name, type: id, offset: 0 })),
  );
  const anonymous = builder.nextId + 1;
  builder.struct('nested', 8, [{ name: '', type: anonymous, offset: 0 }]);
  builder.struct(
    '',
    8,
    [...names, ''].map(() => ({ name: '', type: anonymous, offset: 0 })),
  );
  builder.typedef('round', builder.nextId + 1);
  builder.typedef('and_round', builder.nextId - 1);
  const types = BtfTypes.parse(builder.encode());
  const object = new BtfBuilder();
  const number = object.int('int', 4, 'signed');
  object.struct('nested', 8, [{ name: 'x', type: number, offset: 0 }]);
  const relocators = [
    new CoreRelocator(types, types),
    new CoreRelocator(BtfTypes.parse(object.encode()), types),
  ];
  for (const relocator of relocators) {
    for (let typeId = 0; typeId <= int + 10; typeId++) {
      for (const kind of coreRelocationKinds.names) {
        for (const path of ['0', '0:0', '0:0:0:0:0', '1:1'])
          tryRelocation(relocator, { kind, typeId, access: path });
      }
    }
  }
});
