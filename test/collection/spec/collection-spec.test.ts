import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { CollectionSpec, type MapSpec } from '../../../src/collection/index.ts';
import { BpfError, FormatError } from '../../../src/errors/index.ts';
import { fixture, fixtures } from '../fixture.ts';

const load = (name: string): CollectionSpec =>
  CollectionSpec.parse(readFileSync(fixture(name)), { file: name });
const row = ({ name, type, keySize, valueSize, maxEntries, flags }: MapSpec): unknown[] => [
  ...[name, type, keySize, valueSize, maxEntries, flags],
];

for (const name of fixtures('maps')) {
  test(`${name}: every way to declare a map`, () => {
    const { maps, programs, license } = load(name);
    assert.equal(license, 'Dual MIT/GPL');
    assert.deepEqual(
      Object.values(maps)
        .map(row)
        .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
      [
        ['bloom', 'bloom_filter', 0, 4, 10, []],
        ['events', 'ringbuf', 0, 0, 4096, []],
        ['first', 'array', 4, 8, 2, []],
        ['jumps', 'prog_array', 4, 4, 8, []],
        ['outer', 'array_of_maps', 4, 4, 4, []],
        ['second', 'array', 4, 8, 2, []],
        ['sized', 'lru_hash', 8, 12, 64, []],
        ['typed', 'hash', 4, 32, 100, ['no_prealloc']],
      ],
    );
    assert.equal(maps.bloom?.mapExtra, 3n);
    assert.equal(maps.sized?.pinning, 'by_name');
    assert.equal(maps.typed?.pinning, 'none');
    assert.deepEqual(maps.outer?.entries, [
      { key: 0, map: 'first' },
      { key: 3, map: 'second' },
    ]);
    assert.deepEqual(row(maps.outer?.inner ?? assert.fail()).slice(1), ['array', 4, 8, 2, []]);
    assert.deepEqual(maps.jumps?.entries, [{ key: 5, program: 'target' }]);
    assert.deepEqual(Object.keys(programs), ['target', 'jump']);
    const used = programs.jump?.instructions.flatMap(({ map }) => (map === undefined ? [] : [map]));
    assert.deepEqual(used, ['jumps', 'outer', 'typed']);
  });
}

for (const name of fixtures('map-types')) {
  test(`${name}: the flag of the memory node is in the field of the node`, () => {
    const { on_a_node: map = assert.fail() } = load(name).maps;
    assert.deepEqual([map.flags, map.numaNode], [[], 0]);
  });
}

for (const name of fixtures('program-types')) {
  test(`${name}: flags of programs have names, and programs without any share one list`, () => {
    const flags = Object.values(load(name).programs).map((program) => program.flags);
    assert.ok(flags.some((each) => each.includes('sleepable')));
    assert.ok(flags.every((each) => each.every((flag) => typeof flag === 'string')));
    const [first, ...others] = flags.filter((each) => each.length === 0);
    for (const other of others) assert.equal(other, first);
  });
}

for (const name of fixtures('variables')) {
  test(`${name}: variables are where they are, with their first values`, () => {
    const { littleEndian, maps, variables, programs, functions, btf } = load(name);
    const values = (variable: string): number[] => {
      const { map, offset, size } = variables[variable] ?? assert.fail(variable);
      const contents = maps[map]?.contents ?? assert.fail(map);
      const view = new DataView(contents.buffer, contents.byteOffset + offset, size);
      return size % 4 === 0
        ? Array.from({ length: size / 4 }, (_, i) => view.getInt32(i * 4, littleEndian))
        : [...contents.subarray(offset, offset + size)];
    };
    assert.deepEqual(values('version'), [3]);
    assert.deepEqual(values('settings').slice(0, 2), [10, 5]);
    assert.deepEqual(values('start'), [-42]);
    assert.deepEqual(values('hidden'), [9]);
    assert.deepEqual(values('seen'), [0, 0]);
    assert.deepEqual(values('own'), [77]);
    assert.deepEqual(values('fixed'), [88]);
    assert.equal(variables.fixed?.constant, true);
    assert.equal(variables.own?.constant, false);
    assert.equal(maps['.rodata']?.frozen, true);
    assert.equal(maps['.data']?.frozen, false);
    assert.equal(btf?.resolve(variables.settings?.typeId ?? 0).name, 'settings');
    assert.equal(programs.optional?.autoload, false);
    assert.equal(programs.main_program?.autoload, true);
    assert.deepEqual(Object.keys(functions).sort(), ['each', 'feeble', 'helper', 'shared']);
    assert.equal(functions.feeble?.binding, 'weak');
    const lines =
      programs.main_program?.instructions.flatMap(({ source }) => source?.text.trim() ?? []) ?? [];
    assert.ok(lines.some((line) => line.includes('bpf_trace_printk(text, sizeof(text), helper(1))')));
  });
}

test('both byte orders and both compilers give the same data', () => {
  const shape = (name: string): unknown => {
    const { maps, programs, variables } = load(name);
    return JSON.stringify(
      {
        maps: Object.values(maps).map(row),
        programs: Object.values(programs).map(({ name, type, section }) => [name, type, section]),
        variables: Object.values(variables).map(({ typeId: _, ...rest }) => rest),
      },
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
  };
  for (const source of ['tiny', 'maps', 'variables']) {
    for (const compiler of ['clang14', 'clang19']) {
      assert.equal(shape(`${source}.el.${compiler}.o`), shape(`${source}.eb.${compiler}.o`));
    }
  }
});

test('files that cannot be read, and files of other kinds, are refused by name', async () => {
  await assert.rejects(CollectionSpec.load('/nowhere.o'), (error: Error) => {
    assert.ok(BpfError.is(error));
    assert.equal(error.message, 'Cannot read object file /nowhere.o: ENOENT: there is no such file');
    return true;
  });
  await assert.rejects(CollectionSpec.load(process.execPath), {
    name: 'FormatError',
    message: `${process.execPath}: machine is 62, expected 247 (BPF)`,
  });
  // A number would be taken for an open descriptor.
  for (const source of [undefined, 5, {}] as unknown[] as string[]) {
    const refused = {
      name: 'TypeError',
      message: `Cannot read an object file: the source must be a path, a URL or bytes, got ${source}`,
    };
    await assert.rejects(CollectionSpec.load(source), refused);
    assert.throws(() => CollectionSpec.loadSync(source), refused);
  }
});

test('room for zeros is taken when it is looked at', () => {
  const { maps } = load('variables.el.clang19.o');
  const bss = maps['.bss'] ?? assert.fail();
  assert.equal(typeof Object.getOwnPropertyDescriptor(bss, 'contents')?.get, 'function');
  assert.deepEqual(bss.contents, new Uint8Array(8));
  assert.equal(bss.contents, bss.contents, 'one and the same from then on');
  bss.contents = Uint8Array.of(1);
  assert.deepEqual(bss.contents, Uint8Array.of(1));
});

test('damaged objects give a FormatError or an answer, never anything else', () => {
  const originals = fixtures().map((name) => readFileSync(fixture(name)));
  fc.assert(
    fc.property(
      fc.nat(originals.length - 1),
      fc.array(fc.tuple(fc.nat(20000), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      (which, changes) => {
        const damaged = Uint8Array.from(originals[which] ?? []);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        try {
          CollectionSpec.parse(damaged);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 1500 },
  );
});
