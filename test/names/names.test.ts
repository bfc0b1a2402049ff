import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import * as names from '../../src/names/index.ts';

const isTable = (value: unknown): value is names.NameTable<string> =>
  typeof value === 'object' && value !== null && 'parse' in value;
const tables: readonly names.NameTable<string>[] = Object.values(names).filter(isTable);

test('every table can be imported', () => {
  const inside = Object.entries(abi).filter(([, value]) => isTable(value));
  const left = inside.filter(([, value]) => !tables.some((table) => table === value));
  assert.deepEqual(
    left.map(([constant]) => constant),
    [],
  );
});

test('every table finds its names and numbers, and gives them one after the other', () => {
  for (const table of tables) {
    assert.deepEqual(
      [...table],
      table.names.map((name) => [name, table.number(name)]),
      table.what,
    );
    for (const [name, number] of table) {
      assert.ok(table.has(name));
      assert.equal(table.parse(name.toUpperCase()), name, table.what);
      assert.equal(table.number(table.name(number) ?? ''), number, table.what);
    }
    assert.throws(() => table.parse('no such name'), TypeError);
    assert.throws(() => table.parse(7 as never), /a name must be a string, got 7/);
  }
});

test("the last capability is the kernel's, or older", (t) => {
  const file = '/proc/sys/kernel/cap_last_cap';
  if (!existsSync(file)) return t.skip(`there is no ${file}`);
  assert.ok(names.capabilities.max - 1 <= Math.max(Number(readFileSync(file, 'latin1')), 40));
});
