import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import type { BpfMap } from '../../../src/map/index.ts';
import { fixture, fixtures } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };

for (const name of fixtures('dialect')) {
  test(`${name}: functions that only others call are no programs, whatever their section`, () => {
    const { programs, functions, maps } = CollectionSpec.loadSync(fixture(name));
    assert.deepEqual(Object.keys(functions).sort(), ['quiet', 'shared']);
    assert.deepEqual(
      Object.values(programs).map(({ name, type }) => [name, type]),
      [
        ['unused', undefined],
        ['filter', 'socket_filter'],
        ['classify', 'sched_cls'],
        ['pass', 'xdp'],
      ],
    );
    assert.deepEqual(maps.outer?.entries, [
      { key: 0, map: 'second' },
      { key: 1, map: 'first' },
    ]);
  });
}

for (const name of fixtures('dialect').filter((each) => each.includes('.el.'))) {
  test(`${name}: what cilium/ebpf takes runs`, needsLoading(), () => {
    const spec = CollectionSpec.loadSync(fixture(name));
    assert.throws(() => Collection.loadSync(spec), {
      code: 'ERR_BPF_PROGRAM_TYPE',
      message: /"unused": SEC\("library"\) does not say its program type/,
    });
    (spec.programs.unused ?? assert.fail()).autoload = false;
    using collection = Collection.loadSync(spec);
    const { programs, maps } = collection;
    assert.equal(programs.filter?.testRun(PACKET).returnValue, 42);
    assert.equal(programs.pass?.testRun(PACKET).returnValue, 2);
    using first = collection.map('outer', 'array_of_maps').get(1) as BpfMap;
    assert.equal(first.info().id, maps.first?.info().id, 'a static map in another');
    collection.map('first', 'array').set(0, 30);
    assert.equal(programs.classify?.testRun(PACKET).returnValue, 32);
  });
}
