// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { linkProgram } from '../../../src/collection/load/link.ts';
import { BpfMap, type Reference } from '../../../src/map/index.ts';
import { kernelBtf, pageSize, possibleCpus } from '../../../src/sys/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };

for (const compiler of compilers) {
  const file = fixture(`linking.el.${compiler}.o`);

  test(`${compiler}: functions come where they are first referred to, with what they reach`, () => {
    const { programs, functions } = CollectionSpec.loadSync(file);
    const order = (name: string): string[] =>
      linkProgram(programs[name] ?? assert.fail(), functions, programs).functions.map((fn) => fn.name);
    assert.deepEqual(order('order'), ['order', 'loop', 'twice', 'deep', 'global', 'middle']);
    assert.deepEqual(order('throwing'), ['throwing', 'caught']);
    assert.equal(programs.throwing?.exceptionCallback, 'caught');
  });

  test(`${compiler}: programs with functions of all kinds run`, needsLoading(), async () => {
    using collection = await Collection.load(file);
    const results = Object.entries(collection.programs).map(([name, program]) => [
      name,
      program.testRun(PACKET).returnValue,
    ]);
    assert.deepEqual(Object.fromEntries(results), { in_xdp: 2, order: 67, again: 1 });
  });

  test(`${compiler}: what a program throws is caught`, needsLoading(), (t) => {
    if (kernelBtf().byName('bpf_throw', 'func') === undefined)
      return t.skip('the kernel has no bpf_throw (Linux 6.7)');
    using collection = Collection.loadSync(file, { programs: ['throwing'] });
    assert.equal(collection.programs.throwing?.testRun(PACKET).returnValue, 42);
  });

  test(`${compiler}: maps as they were declared before BTF`, needsLoading(), () => {
    using collection = Collection.loadSync(fixture(`legacy.el.${compiler}.o`));
    const { slots, table } = collection.maps;
    assert.deepEqual([table?.type, table?.keySize, table?.valueSize, table?.maxEntries], ['hash', 4, 8, 7]);
    assert.deepEqual(table?.info().flags, ['no_prealloc']);
    assert.equal(slots?.type, 'array');
    collection.map('slots', 'array').set(1, new Uint8Array([9, 0, 0, 0]));
    assert.equal(collection.programs.read_slot?.testRun(PACKET).returnValue, 10);
    assert.equal(
      collection.programs.calling?.testRun(PACKET).returnValue,
      110,
      'a program that calls another',
    );
  });

  test(`${compiler}: maps get what their types want, and their first entries`, needsLoading(), () => {
    const types = fixture(`map-types.el.${compiler}.o`);
    const spec = CollectionSpec.loadSync(types);
    (spec.programs.other ?? assert.fail()).autoload = false;
    using collection = Collection.loadSync(spec);
    const { maps, programs } = collection;
    const rounded = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, pageSize())));
    assert.equal(maps.odd?.maxEntries, rounded(5000));
    assert.equal(maps.to_programs?.maxEntries, rounded(12288));
    assert.equal(maps.samples?.maxEntries, possibleCpus().length);
    using inner = collection.map('by_key', 'hash_of_maps').get(2) as BpfMap;
    assert.equal(inner.info().id, maps.second?.info().id);
    assert.equal(collection.map('by_key', 'hash_of_maps').get(1), undefined);
    using ring = BpfMap.create({ type: 'ringbuf', maxEntries: pageSize() });
    collection.map('rings', 'array_of_maps').set(3, ring);
    const jumps = collection.map('jumps', 'prog_array');
    assert.equal((jumps.get(1) as Reference | undefined)?.id, programs.called?.info().id);
    assert.equal(jumps.get(2), undefined, 'a program that is not loaded');
    assert.equal(programs.jump?.testRun(PACKET).returnValue, 17);
    using all = Collection.loadSync(types);
    assert.equal(all.programs.jump?.testRun(PACKET).returnValue, 18);
  });
}
