import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BTF_KINDS, BtfBuilder, BtfTypes } from '../../src/btf/index.ts';
import { ownIdsOfKind } from '../../src/btf/own-ids.ts';

function build(builder: BtfBuilder, suffix: string): BtfTypes {
  const int = builder.int(`int${suffix}`, 4, 'signed');
  const fn = builder.func(`run${suffix}`, builder.funcProto(int, [{ name: 'a', type: int }]));
  builder.declTag(`tag${suffix}`, fn);
  const variable = builder.variable(`value${suffix}`, int);
  builder.dataSection(`.data${suffix}`, 4, [{ type: variable, offset: 0, size: 4 }]);
  builder.enum64(`large${suffix}`, [{ name: `LARGE${suffix}`, value: 1n << 40n }]);
  const { base } = builder;
  return BtfTypes.parse(builder.encode(), base === undefined ? {} : { base });
}

test('finds the types of each kind, of BTF that continues another its own only', () => {
  const base = build(new BtfBuilder(), '');
  const split = build(new BtfBuilder({ base }), '_more');
  for (const [types, first] of [
    [base, 1],
    [split, base.count + 1],
  ] as const) {
    const ids = Array.from({ length: types.count - first + 1 }, (_, i) => first + i);
    for (const kind of BTF_KINDS) {
      const wanted = ids.filter((id) => types.kindOf(id) === kind);
      assert.deepEqual(ownIdsOfKind(types, kind), wanted, kind);
    }
    const two = ids.filter((id) => ['func', 'enum64'].includes(types.kindOf(id)));
    assert.deepEqual(ownIdsOfKind(types, 'func', 'enum64'), two);
    assert.deepEqual(ownIdsOfKind(types), []);
  }
});
