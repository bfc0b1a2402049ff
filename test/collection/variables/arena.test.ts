// depends on: kernel
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { objectContext } from '../../../src/collection/spec/context.ts';
import { arenaData } from '../../../src/collection/spec/data-maps.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { BpfError, FormatError } from '../../../src/errors/index.ts';
import { kernelLacksMapType } from '../../../src/map/kernel-types.ts';
import { pageSize } from '../../../src/sys/index.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const file = fixture('arena.el.clang19.o');
const needs = (): { skip: string | false } => {
  const { skip } = needsLoading();
  return { skip: skip || (kernelLacksMapType('arena') && 'this kernel has no map type arena') };
};

test('variables of an arena belong to its map', () => {
  for (const order of ['el', 'eb']) {
    const { maps, variables } = CollectionSpec.loadSync(fixture(`arena.${order}.clang19.o`));
    assert.deepEqual(Object.keys(maps), ['memory', '.bss']);
    const places = ['counter', 'table', 'zero', 'head'].map((name) => variables[name]?.map);
    assert.deepEqual(places, ['memory', 'memory', 'memory', '.bss']);
    assert.equal(maps.memory?.contents?.length, 36);
  }
});

test('programs and user space share an arena and its variables', needs(), () => {
  // Twice in one process: each load has its own memory.
  for (const counter of [5, 100]) {
    using collection = Collection.loadSync(file, { variables: { counter } });
    const { programs, variables } = collection;
    assert.equal(programs.count?.testRun().returnValue, counter + 2);
    assert.equal(variables.counter?.get(), counter + 2);
    assert.deepEqual(variables.table?.get(), [1n, BigInt(counter) + 4n, 3n]);
    variables.counter?.set(40);
    assert.equal(programs.count?.testRun().returnValue, 42);
    for (let i = 0; i < 3; i++) assert.equal(programs.push?.testRun().returnValue, 0);
    assert.equal(variables.zero?.get(), 3);
    using memory = collection.map('memory', 'arena').mmap();
    const last = memory.buffer.byteLength - pageSize();
    assert.equal(
      new DataView(memory.buffer, last).getUint32(0, true),
      42,
      'the variables are in the last page',
    );
    const words = new BigUint64Array(memory.buffer, 0, last / 8);
    const pages = Array.from({ length: words.length / (pageSize() / 8) }, (_, i) => (i * pageSize()) / 8);
    const values = pages.flatMap((at) => (words[at + 1] === 0n ? [] : [words[at + 1]]));
    assert.deepEqual(values.sort(), [1n, 2n, 3n], 'a page for each node');
  }
});

test('an arena is mapped once, for all who ask, and its memory lasts as long as one of them', needs(), () => {
  using collection = Collection.loadSync(file);
  const memory = collection.map('memory', 'arena');
  const [first, second] = [memory.mmap(), memory.mmap()];
  assert.equal(first?.buffer, second?.buffer);
  first?.close();
  first?.close();
  assert.throws(() => first?.buffer, { name: 'ClosedError' });
  assert.equal(second?.buffer.byteLength, 100 * pageSize());
  collection.close();
  assert.equal(second?.buffer.byteLength, 100 * pageSize());
  second?.close();
  assert.throws(() => second?.buffer, { name: 'ClosedError' });
});

test('an arena at an address of the object is mapped there', needs(), () => {
  const spec = CollectionSpec.loadSync(file);
  (spec.maps.memory ?? assert.fail()).mapExtra = 1n << 44n;
  using collection = Collection.loadSync(spec);
  assert.equal(collection.programs.push?.testRun().returnValue, 0);
  assert.equal((collection.variables.head?.get() as bigint) >> 32n, 1n << 12n);
  assert.throws(() => Collection.loadSync(spec), {
    code: 'EEXIST',
    message: /an arena has only one address/,
  });
});

test('variables that an arena has no room for are refused', needs(), () => {
  const spec = CollectionSpec.loadSync(file);
  const memory = spec.maps.memory ?? assert.fail();
  memory.maxEntries = 1;
  memory.contents = new Uint8Array(pageSize() + 1);
  assert.throws(
    () => Collection.loadSync(spec),
    (error: Error) => {
      assert.ok(BpfError.is(error));
      assert.match(
        error.message,
        /variables of map "memory" \(arena\): they need 2 pages, but its max_entries is 1$/,
      );
      return true;
    },
  );
});

test('variables of an arena need exactly one arena', () => {
  const elf = ElfFile.parse(readFileSync(file));
  const memory = CollectionSpec.loadSync(file).maps.memory ?? assert.fail();
  for (const maps of [[], [memory, memory]]) {
    assert.throws(
      () => arenaData(objectContext(elf, undefined), maps),
      (error: Error) => {
        assert.ok(error instanceof FormatError);
        assert.match(error.message, new RegExp(`one map of type arena, the object has ${maps.length}$`));
        return true;
      },
    );
  }
});
