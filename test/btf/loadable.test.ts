import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes, loadableBtf, SANITISING_STEPS } from '../../src/btf/index.ts';
import { CollectionSpec } from '../../src/collection/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import { Btf } from '../../src/handle/index.ts';
import { fixture, fixtures } from '../collection/fixture.ts';
import { needsLoading } from '../collection/needs.ts';

function typesOf(name: string): BtfTypes {
  return CollectionSpec.parse(readFileSync(fixture(name))).btf ?? assert.fail(`${name} has no BTF`);
}

for (const name of fixtures()) {
  test(`${name}: numbers of types and offsets of strings stay`, () => {
    const types = typesOf(name);
    for (const lacks of [[], ...SANITISING_STEPS]) {
      const loadable = BtfTypes.parse(loadableBtf(types, { lacks }));
      assert.ok(loadable.count >= types.count);
      for (let id = 1; id <= types.count; id++) {
        const kind = types.kindOf(id);
        if (loadable.kindOf(id) === kind) assert.equal(loadable.nameOf(id), types.nameOf(id));
        if (kind === 'struct' || kind === 'enum64') assert.equal(loadable.sizeOf(id), types.sizeOf(id));
      }
      const kinds = new Set(Array.from({ length: loadable.count }, (_, i) => loadable.kindOf(i + 1)));
      for (const lack of lacks) {
        if (lack !== 'attributes' && lack !== 'func_global') assert.equal(kinds.has(lack), false, lack);
      }
    }
  });
}

for (const name of fixtures().filter((each) => each.includes('.el.'))) {
  test(`${name}: the kernel takes it, whatever is replaced`, needsLoading(), () => {
    for (const lacks of [[], ...SANITISING_STEPS]) Btf.load(loadableBtf(typesOf(name), { lacks })).close();
  });
}

test('data sections get sizes, and their variables offsets in their order', () => {
  const types = typesOf('variables.el.clang19.o');
  const offsets = new Map([
    ['start', 12],
    ['table', 4],
    ['hidden', 0],
  ]);
  const sections = new Map([['.data', { size: 16, offsets }]]);
  const loadable = BtfTypes.parse(loadableBtf(types, { sections }));
  const data = loadable.byName('.data', 'datasec') ?? assert.fail();
  assert.equal(data.size, 16);
  assert.deepEqual(
    data.variables.map(({ type, offset, size }) => [loadable.nameOf(type), offset, size]),
    [
      ['hidden', 0, 4],
      ['table', 4, 8],
      ['start', 12, 4],
    ],
  );
});

test('hidden functions become static, externs global and without a type of their own', () => {
  const linkage = (types: BtfTypes, name: string): string | undefined => types.byName(name, 'func')?.linkage;
  const targets = typesOf('targets.el.clang19.o');
  assert.equal(linkage(targets, 'hidden'), 'global');
  const hidden = BtfTypes.parse(loadableBtf(targets, { hidden: new Set(['hidden']) }));
  assert.equal(linkage(hidden, 'hidden'), 'static');
  assert.equal(linkage(hidden, 'entry'), 'global');
  const externs = typesOf('externs.el.clang19.o');
  assert.equal(linkage(externs, 'bpf_cast_to_kern_ctx'), 'extern');
  const loadable = BtfTypes.parse(loadableBtf(externs));
  assert.equal(linkage(loadable, 'bpf_cast_to_kern_ctx'), 'global');
  const symbols = loadable.byName('.ksyms', 'datasec') ?? assert.fail();
  for (const { type, size } of symbols.variables) {
    assert.equal(size, 4);
    assert.equal(loadable.kindOf(type), 'var');
    assert.equal(loadable.resolve((loadable.byId(type) as { type: number }).type).name, 'int');
  }
});

test('a variable whose type is not there is malformed', () => {
  const builder = new BtfBuilder();
  const variable = builder.variable('v', builder.int('int', 4));
  builder.dataSection('.data', 0, [{ type: variable, offset: 0, size: 0 }]);
  const bytes = builder.encode();
  const end = 24 + 16; // of the header and the integer
  new DataView(bytes.buffer).setUint32(end + 8, 77, true);
  assert.throws(() => loadableBtf(BtfTypes.parse(bytes)), FormatError);
});
