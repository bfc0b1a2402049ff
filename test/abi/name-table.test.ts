import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as abi from '../../src/abi/index.ts';

const exported: readonly [string, unknown][] = Object.entries(abi);
const tables = exported
  .map(([, value]) => value)
  .filter(
    (value): value is abi.NameTable<string> =>
      typeof value === 'object' && value !== null && 'parse' in value && !('bits' in value),
  );
const anyTable = fc.constantFrom(...tables);

test('there is a table for each enum whose members exclude each other', () => {
  assert.ok(tables.length >= 25);
  assert.equal(new Set(tables.map(({ what }) => what)).size, tables.length);
});

test('names and numbers map both ways, in any case, with and without prefix', () => {
  const kernelNames: readonly [abi.NameTable<string>, string][] = [
    [abi.mapTypes, 'BPF_MAP_TYPE_'],
    [abi.programTypes, 'BPF_PROG_TYPE_'],
    [abi.attachTypes, 'BPF_'],
    [abi.commands, 'BPF_'],
    [abi.helpers, 'BPF_FUNC_'],
    [abi.linkTypes, 'BPF_LINK_TYPE_'],
  ];
  for (const table of tables) {
    for (const name of table.names) {
      const number = table.number(name);
      assert.equal(table.name(number), name);
      assert.ok(table.has(name));
      assert.ok(number < table.max, `${table.what} ${name}`);
      assert.equal(table.parse(name.toUpperCase()), name);
      const prefix = kernelNames.find(([other]) => other === table)?.[1];
      if (prefix !== undefined) assert.equal(table.parse(`${prefix}${name.toUpperCase()}`), name);
    }
    const numbers = table.names.map((name) => table.number(name));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
      table.what,
    );
    assert.equal(table.name(table.max), undefined);
  }
});

test('all valid numbers of the main enums have a name', () => {
  for (const table of [
    abi.mapTypes,
    abi.programTypes,
    abi.attachTypes,
    abi.commands,
    abi.helpers,
    abi.linkTypes,
  ]) {
    for (let number = 0; number < table.max; number++) assert.ok(table.name(number) !== undefined);
    assert.equal(table.names.length, table.max);
  }
});

test('second names are understood, and the kernel’s everyday names are canonical', () => {
  assert.equal(abi.mapTypes.parse('cgroup_storage_deprecated'), 'cgroup_storage');
  assert.equal(abi.mapTypes.parse('BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED'), 'percpu_cgroup_storage');
  assert.equal(abi.commands.parse('prog_run'), 'prog_test_run');
  assert.equal(abi.mapTypes.name(19), 'cgroup_storage');
  assert.equal(abi.commands.has('prog_run'), false);
  assert.equal(abi.mapTypes.parse(' Hash '), 'hash');
});

test('unknown names are TypeErrors that name near ones', () => {
  assert.throws(() => abi.mapTypes.parse('BPF_MAP_TYPE_HAHS'), {
    name: 'TypeError',
    message: 'Unknown map type "BPF_MAP_TYPE_HAHS" (did you mean "hash"?)',
  });
  assert.throws(() => abi.mapTypes.number('ringbuff' as abi.MapType), /did you mean "ringbuf"/);
  for (const wrong of [undefined, null, 5, {}]) {
    assert.throws(() => abi.mapTypes.parse(wrong as unknown as string), TypeError);
  }
  assert.throws(() => abi.mapTypes.name(27n as never), {
    name: 'TypeError',
    message: 'number of a map type must be a number, got 27n',
  });
  for (const table of tables) {
    for (const inherited of ['constructor', '__proto__', 'toString', '']) {
      assert.equal(table.has(inherited), false);
      assert.throws(() => table.parse(inherited), TypeError);
    }
  }
});

test('parse gives a name of the table or throws a TypeError, whatever the text', () => {
  fc.assert(
    fc.property(anyTable, fc.string(), (table, text) => {
      try {
        assert.ok(table.has(table.parse(text)));
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
    }),
  );
});

test('tables cannot be changed', () => {
  for (const table of tables) assert.ok(Object.isFrozen(table) && Object.isFrozen(table.names));
});
