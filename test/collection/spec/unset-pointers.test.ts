import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { fixture, fixtures } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

for (const name of fixtures('pointers')) {
  test(`${name}: pointers in data are listed`, () => {
    const { unsetPointers } = CollectionSpec.loadSync(fixture(name));
    assert.deepEqual(
      unsetPointers.map(({ map, offset, variable, target }) => [map, offset, variable, target]),
      [
        ['.data', 8, 'name', '.rodata.str1.1'],
        ['.data', 24, 'record', 'table'],
        ['.data', 32, 'record', 'add'],
        ['.rodata', 0, 'names', '.rodata.str1.1'],
        ['.rodata', 8, 'names', '.rodata.str1.1'],
      ],
    );
  });
}

test('other objects have none', () => {
  for (const name of fixtures().filter((each) => !each.startsWith('pointers.'))) {
    assert.deepEqual(CollectionSpec.loadSync(fixture(name)).unsetPointers, [], name);
  }
});

test(
  'pointers that are listed are what the compiler left: zero, or an offset in their section',
  needsLoading(),
  () => {
    using collection = Collection.loadSync(fixture('pointers.el.clang19.o'));
    const data = { data: new Uint8Array(64) };
    assert.equal(collection.programs.look?.testRun(data).returnValue, 6 + 3);
    assert.equal(collection.variables.name?.get(), 0n);
    assert.deepEqual(collection.variables.names?.get(), [5n, 9n]);
  },
);
