import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const file = fixture('variables.el.clang19.o');

/** What a caller may do with its bytes after load() has returned a promise. */
const changes: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => void>> = {
  'used again': (bytes) => bytes.fill(0),
  transferred: (bytes) => structuredClone(bytes, { transfer: [bytes.buffer] }),
};

for (const [how, change] of Object.entries(changes)) {
  test(`bytes that are ${how} while they are loaded`, needsLoading(), async () => {
    const bytes = new Uint8Array(readFileSync(file));
    const loading = Collection.load(bytes);
    change(bytes);
    using collection = await loading;
    assert.deepEqual(collection.variables.table?.get(), [1, 2, 3, 4]);
    assert.equal(collection.btfProblem, undefined);
  });

  test(`bytes that are ${how} after they were read`, needsLoading(), async () => {
    for (const read of [CollectionSpec.load, CollectionSpec.loadSync, CollectionSpec.parse]) {
      const bytes = new Uint8Array(readFileSync(file));
      const reading = read(bytes);
      change(bytes);
      const spec = await reading;
      using collection = Collection.loadSync(spec);
      assert.deepEqual(collection.variables.table?.get(), [1, 2, 3, 4]);
    }
  });
}

test('options count as they were when load() was called', needsLoading(), async () => {
  const table = [5, 6, 7, 8];
  const options = { variables: { version: 9, table } as Record<string, unknown> };
  const loading = Collection.load(file, options);
  options.variables.version = 'no number';
  options.variables.unknown = 1;
  table[0] = -1;
  table.length = 2;
  using collection = await loading;
  assert.equal(collection.variables.version?.get(), 9);
  assert.deepEqual(collection.variables.table?.get(), [5, 6, 7, 8]);
});

test('values that hold themselves end in an error, not in an endless copy', needsLoading(), async () => {
  const table: unknown[] = [];
  table.push(table, table, table, table);
  await assert.rejects(Collection.load(file, { variables: { table } }), TypeError);
});
