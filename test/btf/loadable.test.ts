import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
import { CollectionSpec } from '../../src/collection/index.ts';
import { FormatError, VerifierError } from '../../src/errors/index.ts';
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

/** Types of all kinds that some kernel does not know. */
function everything(): BtfTypes {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  btf.enum('sign', [{ name: 'MINUS', value: -1 }]);
  btf.enum64('wide', [{ name: 'WIDE', value: 1n << 40n }]);
  btf.float('double', 8);
  const pointer = btf.ptr(btf.typeTag('user', int));
  const prototype = btf.funcProto(int, [{ name: 'first', type: pointer }]);
  const fn = btf.func('work', prototype, 'global');
  btf.declTag('mark', fn);
  btf.add({ kind: 'decl_tag', name: 'noinline', type: fn, component: -1, attribute: true });
  const variable = btf.variable('v', int);
  btf.dataSection('?.struct_ops.link', 4, [{ type: variable, offset: 0, size: 4 }]);
  btf.dataSection('.data.own', 4, [{ type: btf.variable('w', int), offset: 0, size: 4 }]);
  return BtfTypes.parse(btf.encode());
}

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

test(
  'each step is taken by the kernel, and the first steps by those that lack what they leave out',
  needsLoading(),
  () => {
    const types = everything();
    for (const lacks of SANITISING_STEPS.slice(4)) Btf.load(loadableBtf(types, { lacks })).close();
    const refused = SANITISING_STEPS.slice(0, 4).findLastIndex((lacks) => {
      try {
        Btf.load(loadableBtf(types, { lacks })).close();
        return false;
      } catch (error) {
        if (error instanceof VerifierError) return true;
        throw error;
      }
    });
    // A kernel that takes a step takes all behind it: 6.1 takes those from section_question_mark on.
    for (const lacks of SANITISING_STEPS.slice(refused + 1)) Btf.load(loadableBtf(types, { lacks })).close();
  },
);

test('what a step would not change is known', () => {
  const plain = new BtfBuilder();
  plain.ptr(plain.int('int', 4));
  for (const [lack] of SANITISING_STEPS.map((step) => step.slice(-1))) {
    assert.ok(lack !== undefined);
    assert.equal(concernsLack(everything(), lack), true, lack);
    assert.equal(concernsLack(BtfTypes.parse(plain.encode()), lack), false, lack);
  }
});
