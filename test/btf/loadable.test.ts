import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BtfBuilder,
  type BtfKind,
  type BtfLack,
  BtfTypes,
  concernsLack,
  loadableBtf,
  SANITISING_STEPS,
} from '../../src/btf/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import { fixtures } from '../collection/fixture.ts';
import { everything, typesOf } from './loadable-support.ts';

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
      const replaced = { datasec: ['datasec', 'var'], func: ['func', 'func_proto'] } as const;
      const partly = ['attributes', 'func_global', 'section_question_mark'];
      for (const lack of lacks) {
        if (partly.includes(lack)) continue;
        const gone = lack === 'datasec' || lack === 'func' ? replaced[lack] : [lack as BtfKind];
        for (const kind of gone) assert.equal(kinds.has(kind), false, kind);
      }
    }
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
  const end = 24 + 16; // after the header and the integer
  new DataView(bytes.buffer).setUint32(end + 8, 77, true);
  assert.throws(() => loadableBtf(BtfTypes.parse(bytes)), FormatError);
});

test('each step replaces what a kernel lacks, and sizes stay', () => {
  const types = everything();
  const after = (lack: BtfLack): BtfTypes => {
    const lacks = SANITISING_STEPS.find((step) => step.at(-1) === lack) ?? assert.fail(lack);
    return BtfTypes.parse(loadableBtf(types, { lacks }));
  };
  const kinds = (loadable: BtfTypes, name: string): string[] =>
    loadable.allByName(name).map(({ kind }) => kind);
  const isAttribute = (loadable: BtfTypes): unknown => {
    const tag = loadable.byName('noinline', 'decl_tag');
    return tag?.attribute;
  };
  assert.equal(isAttribute(BtfTypes.parse(loadableBtf(types))), true);
  assert.equal(isAttribute(after('attributes')), false);
  assert.deepEqual(kinds(after('attributes'), '?.struct_ops.link'), ['datasec']);
  assert.deepEqual(kinds(after('section_question_mark'), '_.struct_ops.link'), ['datasec']);
  assert.equal(after('section_question_mark').byName('sign', 'enum')?.signed, true);
  assert.equal(after('enum64').byName('sign', 'enum')?.signed, false);
  const union = after('enum64').byName('wide', 'union') ?? assert.fail();
  assert.equal(union.size, 8);
  assert.deepEqual(kinds(after('type_tag'), 'user'), []);
  assert.deepEqual(kinds(after('decl_tag'), 'mark'), ['int']);
  assert.deepEqual(kinds(after('float'), 'double'), []);
  assert.equal(after('float').byName('work', 'func')?.linkage, 'global');
  assert.equal(after('func_global').byName('work', 'func')?.linkage, 'static');
  const old = after('datasec');
  assert.deepEqual(kinds(old, 'v'), ['int']);
  const section = old.byName('_data_own', 'struct') ?? assert.fail();
  assert.equal(section.size, 4);
  assert.deepEqual(
    section.members.map(({ name, bitOffset }) => [name, bitOffset]),
    [['w', 0]],
  );
  assert.deepEqual(kinds(after('func'), 'work'), ['typedef']);
  assert.equal(after('func').resolve(after('func').byName('work')?.id ?? 0).kind, 'enum');
});

test('what a step would not change is known', () => {
  const plain = new BtfBuilder();
  plain.ptr(plain.int('int', 4));
  for (const [lack] of SANITISING_STEPS.map((step) => step.slice(-1))) {
    assert.ok(lack !== undefined);
    assert.equal(concernsLack(everything(), lack), true, lack);
    assert.equal(concernsLack(BtfTypes.parse(plain.encode()), lack), false, lack);
  }
});
