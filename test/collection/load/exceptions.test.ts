// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { linkProgram } from '../../../src/collection/load/link.ts';
import { kernelBtf } from '../../../src/sys/index.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const files = ['el.clang14', 'el.clang19', 'eb.clang14', 'eb.clang19'].map((kind) =>
  fixture(`exceptions.${kind}.o`),
);

test('the function that a program’s tag names comes along, although nothing calls it', () => {
  for (const file of files) {
    const { programs, functions } = CollectionSpec.loadSync(file);
    const names = (name: string): string[] =>
      linkProgram(programs[name] ?? assert.fail(), functions, programs).functions.map((fn) => fn.name);
    assert.equal(programs.caught?.exceptionCallback, 'on_throw', file);
    assert.deepEqual(names('caught'), ['caught', 'check', 'on_throw']);
    assert.deepEqual(names('uncaught'), ['uncaught', 'check']);
  }
});

test('a program that throws returns what its callback makes of it', needsLoading(), async (t) => {
  if (kernelBtf().byName('bpf_throw', 'func') === undefined) return t.skip('this kernel has no bpf_throw');
  for (const file of files.filter((name) => name.includes('.el.'))) {
    using collection = await Collection.load(file);
    const { caught, uncaught } = collection.programs;
    const [short, long] = [new Uint8Array(20), new Uint8Array(64)];
    assert.equal(caught?.testRun({ data: short }).returnValue, 2);
    assert.equal(caught?.testRun({ data: long }).returnValue, 41);
    assert.equal(uncaught?.testRun({ data: long }).returnValue, 40, 'without a callback the value itself');
  }
});
