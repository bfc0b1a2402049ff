import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes, type NewBtfType } from '../../../src/btf/index.ts';
import { anyTypes } from '../arbitrary.ts';
import { programs, typesOf } from './c-program.ts';
import { descriptions } from './same.ts';

function parse(fill: (btf: BtfBuilder) => void, base?: BtfTypes): BtfTypes {
  const builder = new BtfBuilder({ base });
  fill(builder);
  return BtfTypes.parse(builder.encode(), base === undefined ? {} : { base });
}

/** Adds `struct node { struct node *next; u32 value; }` and a pointer to it. Returns the number of the pointer. */
function list(btf: BtfBuilder, value = 'value'): number {
  const pointer = btf.ptr(btf.nextId + 1);
  const number = btf.nextId + 1;
  btf.struct('node', 16, [
    { name: 'next', type: pointer },
    { name: value, type: number, offset: 8 },
  ]);
  btf.int('u32', 4);
  return pointer;
}

test('importing equal graphs again gives the same numbers, whatever BTF they come from', () => {
  const one = parse((btf) => list(btf));
  const other = parse((btf) => {
    btf.int('u64', 8);
    list(btf);
  });
  const builder = new BtfBuilder();
  const node = builder.import(one, 2);
  assert.equal(builder.count, 3);
  assert.equal(builder.import(one, 2), node);
  assert.equal(builder.import(other, 3), node);
  assert.equal(builder.import(other, 2), builder.import(one, 1));
  assert.equal(builder.count, 3);
  assert.equal(builder.import(other, 1), 4);
  assert.equal(builder.import(one, 0), 0);
  const different = parse((btf) => list(btf, 'other'));
  assert.notEqual(builder.import(different, 2), node);
  assert.equal(builder.count, 6, 'u32 is there already');
  const types = BtfTypes.parse(builder.encode());
  assert.deepEqual(
    types.allByName('node', 'struct').map(({ members }) => members.map(({ name }) => name)),
    [
      ['next', 'value'],
      ['next', 'other'],
    ],
  );
});

test('what was added by hand is found when it is imported', () => {
  const builder = new BtfBuilder();
  const pointer = list(builder);
  const types = parse((btf) => list(btf));
  assert.equal(builder.import(types, 1), pointer);
  assert.equal(builder.count, 3);
});

test('what is imported means what it meant', () => {
  fc.assert(
    fc.property(anyTypes, fc.nat(), (list, start) => {
      const source = parse((btf) => {
        for (const type of list) btf.add(type);
      });
      const builder = new BtfBuilder();
      for (let i = 0; i < source.count; i++) builder.import(source, 1 + ((start + i) % source.count));
      const copies = BtfTypes.parse(builder.encode());
      assert.deepEqual(new Set(descriptions(copies)), new Set(descriptions(source)));
    }),
    { numRuns: 200 },
  );
});

test('after dedup every type means what it meant, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(anyTypes, (list) => {
      // Leaves out declarations, because dedup changes what they mean.
      const plain = list.map(({ kind, ...rest }): NewBtfType => {
        if (kind === 'fwd' || kind === 'enum') return { kind: 'float', name: rest.name, size: 4 };
        return { kind, ...rest } as NewBtfType;
      });
      const builder = new BtfBuilder();
      for (const type of [...plain, ...plain]) builder.add(type);
      const before = BtfTypes.parse(builder.encode());
      builder.dedup();
      const after = BtfTypes.parse(builder.encode());
      assert.deepEqual(new Set(descriptions(after)), new Set(descriptions(before)));
      const { count } = builder;
      builder.dedup();
      assert.equal(builder.count, count);
    }),
    { numRuns: 200 },
  );
});

test('programs of several files become smaller, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(programs(true), (program) => {
      const builder = new BtfBuilder();
      for (const type of typesOf(program)) builder.add(type);
      builder.dedup();
      const once = builder.encode();
      builder.dedup();
      assert.deepEqual(builder.encode(), once);
    }),
    { numRuns: 100 },
  );
});

test('declarations become what defines them', () => {
  const builder = new BtfBuilder();
  const declared = builder.forward('one', 'struct');
  const pointer = builder.ptr(declared);
  const wrong = builder.forward('one', 'union');
  const unknown = builder.forward('none', 'struct');
  const empty = builder.enum('e', []);
  const defined = builder.struct('one', 8, [{ name: 'self', type: builder.nextId + 1 }]);
  builder.ptr(defined);
  const full = builder.enum('e', [{ name: 'A', value: 1 }]);
  const numbers = builder.dedup();
  assert.equal(numbers(declared), numbers(defined));
  assert.equal(numbers(pointer), numbers(defined + 1));
  assert.equal(numbers(empty), numbers(full));
  assert.notEqual(numbers(wrong), numbers(defined));
  const types = BtfTypes.parse(builder.encode());
  assert.equal(types.kindOf(numbers(unknown)), 'fwd');
  assert.equal(types.kindOf(numbers(wrong)), 'fwd');
  assert.equal(types.count, 5);
  assert.deepEqual(types.byId(numbers(defined)), {
    ...{ kind: 'struct', id: numbers(defined), name: 'one', size: 8 },
    members: [{ name: 'self', type: numbers(pointer), bitOffset: 0, bitSize: 0 }],
  });
});

test('of two definitions, that of an otherwise equal struct is meant', () => {
  const builder = new BtfBuilder();
  const outer = (inner: number, name = 'outer'): number =>
    builder.struct(name, 8, [{ name: 'inner', type: builder.ptr(inner) }]);
  const first = builder.struct('inner', 4, []);
  const second = builder.struct('inner', 8, []);
  outer(first, 'unrelated');
  const known = outer(second);
  const declared = builder.forward('inner', 'struct');
  const unknown = outer(declared);
  const numbers = builder.dedup();
  assert.equal(numbers(unknown), numbers(known));
  assert.equal(numbers(declared), numbers(second));
});

test('a base stays what it is, also where it only declares what comes later', () => {
  const base = parse((btf) => {
    btf.struct('outer', 8, [{ name: 'inner', type: btf.nextId + 1 }]);
    btf.ptr(btf.nextId + 1);
    btf.forward('inner', 'struct');
  });
  const builder = new BtfBuilder({ base });
  assert.equal(builder.nextId, 4);
  const inner = builder.struct('inner', 4, []);
  const outer = builder.struct('outer', 8, [{ name: 'inner', type: builder.nextId + 1 }]);
  builder.ptr(inner);
  builder.ptr(builder.forward('inner', 'struct'));
  const numbers = builder.dedup();
  assert.notEqual(numbers(outer), 1);
  assert.equal(numbers(3), 3);
  const types = BtfTypes.parse(builder.encode(), { base });
  assert.equal(types.kindOf(numbers(inner)), 'struct');
  assert.equal(types.resolve(numbers(outer)).id, numbers(outer));
  assert.equal(types.count, 6);
});

test('BTF that continues other BTF holds only what is new: types and strings', () => {
  const base = parse((btf) => list(btf));
  const builder = new BtfBuilder({ base });
  assert.deepEqual([...BtfTypes.parse(builder.encode(), { base })].length, base.count);
  assert.equal(builder.import(base, 2), 2);
  assert.equal(
    builder.import(
      parse((btf) => list(btf)),
      2,
    ),
    2,
  );
  assert.equal(builder.count, 0);
  builder.struct('node', 8, [{ name: 'mine', type: 1 }]);
  const bytes = builder.encode();
  const types = BtfTypes.parse(bytes, { base });
  assert.deepEqual(types.byId(4), {
    ...{ kind: 'struct', id: 4, name: 'node', size: 8 },
    members: [{ name: 'mine', type: 1, bitOffset: 0, bitSize: 0 }],
  });
  const text = Buffer.from(bytes).toString('latin1');
  assert.ok(text.endsWith('mine\0'));
  assert.ok(!text.includes('node'));
  const further = new BtfBuilder({ base: types });
  assert.equal(further.import(types, 4), 4);
  assert.equal(further.ptr(4), 5);
  const third = BtfTypes.parse(further.encode({ littleEndian: false }), { base: types });
  assert.deepEqual(third.byId(5), { kind: 'ptr', id: 5, name: '', type: 4 });
  further.ptr(99);
  assert.throws(() => further.dedup(), RangeError);
});

test("a part of the kernel's types is copied with all it needs", (t) => {
  const file = '/sys/kernel/btf/vmlinux';
  if (!existsSync(file)) return t.skip('the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)');
  const kernel = BtfTypes.parse(new Uint8Array(readFileSync(file)));
  const builder = new BtfBuilder();
  const id = builder.import(kernel, kernel.byName('bpf_prog_info', 'struct')?.id ?? 0);
  const types = BtfTypes.parse(builder.encode());
  assert.equal(types.sizeOf(id), kernel.sizeOf(kernel.byName('bpf_prog_info', 'struct')?.id ?? 0));
  const { count } = builder;
  builder.import(kernel, kernel.byName('task_struct', 'struct')?.id ?? 0);
  assert.ok(builder.count > 1000 + count);
  // The kernel's types have no duplicates.
  const before = builder.count;
  builder.dedup();
  assert.ok(builder.count > 0.99 * before);
  BtfTypes.parse(builder.encode());
});
