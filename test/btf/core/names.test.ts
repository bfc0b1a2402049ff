import assert from 'node:assert/strict';
import { test } from 'node:test';
import { essentialName } from '../../../src/btf/index.ts';

test('a flavour is what stands behind the last three underscores that have no fourth beside them', () => {
  const table: readonly (readonly [string, string])[] = [
    ['task_struct', 'task_struct'],
    ['task_struct___v6', 'task_struct'],
    ['task_struct___a___b', 'task_struct___a'],
    ['a___b', 'a'],
    ['___b', '___b'],
    ['a___', 'a___'],
    ['a____b', 'a____b'],
    ['a___b____c', 'a'],
    ['a__b', 'a__b'],
    ['', ''],
    ['____', '____'],
    ['a___b_', 'a'],
  ];
  for (const [name, essential] of table) assert.equal(essentialName(name), essential, name);
});
