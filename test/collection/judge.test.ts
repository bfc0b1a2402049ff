import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachTypes, type MapType, mapTypes, programTypes } from '../../src/abi/index.ts';
import { slotsOf } from '../../src/asm/index.ts';
import { Collection, CollectionSpec } from '../../src/collection/index.ts';
import { mapName } from '../../src/collection/load/names.ts';
import { isEventMap } from '../../src/collection/spec/map-spec.ts';
import { BpfError } from '../../src/errors/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { judge } from '../judge/judge.ts';
import { fixture, fixtures } from './fixture.ts';
import { needsLoading } from './needs.ts';

const NAME_LENGTH = 15;
/** What every kernel loads. */
const ANYWHERE = /^(tiny|maps|variables|values)\./;
const sorted = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/**
 * Sizes of key and value where both libraries take them from the object: the kernel's struct has another size than the
 * object's, and what is said of an event map's value is what its records hold here.
 */
function sizes(type: MapType, map: { readonly keySize: number; readonly valueSize: number }): number[] {
  if (isEventMap(type)) return [];
  return type === 'struct_ops' ? [map.keySize] : [map.keySize, map.valueSize];
}

/** libbpf reads objects of both byte orders, this machine's and the other. */
for (const name of fixtures()) {
  const file = fixture(name);

  test(`${name}: libbpf finds the same maps and programs`, async (t) => {
    const libbpf = await judge();
    if (typeof libbpf === 'string') return t.skip(libbpf);
    const judged = libbpf.describe(file);
    const spec = CollectionSpec.loadSync(file);
    assert.deepEqual(
      sorted(
        Object.values(spec.maps).map((map) => [
          ...[mapName(map, file), mapTypes.number(map.type), ...sizes(map.type, map)],
          ...[map.maxEntries, map.flags],
        ]),
      ),
      sorted(
        judged.maps.map((map) => [
          ...[map.name.slice(0, NAME_LENGTH), map.type, ...sizes(mapTypes.name(map.type) ?? 'unspec', map)],
          ...[map.maxEntries, map.flags],
        ]),
      ),
    );
    assert.deepEqual(
      sorted(
        Object.values(spec.programs).map((program) => [
          ...[program.name, program.section.replace(/^\?/, '')],
          program.type === undefined ? 0 : programTypes.number(program.type),
          program.attachType === undefined ? 0 : attachTypes.number(program.attachType),
          program.instructions.reduce((sum, instruction) => sum + slotsOf(instruction), 0),
          program.autoload,
        ]),
      ),
      sorted(
        judged.programs.map((program) => [
          ...[program.name, program.section, program.type, program.attachType],
          ...[program.instructions, program.autoload],
        ]),
      ),
    );
  });
}

for (const name of fixtures().filter((each) => each.includes('.el.'))) {
  const file = fixture(name);

  test(`${name}: what is loaded is what libbpf would load`, needsLoading(), async (t) => {
    const libbpf = await judge();
    if (typeof libbpf === 'string') return t.skip(libbpf);
    const spec = CollectionSpec.loadSync(file);
    for (const map of Object.values(spec.maps)) map.pinning = 'none';
    let collection: Collection;
    try {
      collection = await Collection.load(spec);
    } catch (error) {
      if (!BpfError.is(error) || ANYWHERE.test(name)) throw error;
      return t.skip(`this kernel does not load it: ${error.message}`);
    }
    using loaded = collection;
    const judged = libbpf.describe(file);
    assert.deepEqual(
      Object.values(loaded.maps)
        .map((map) => (map instanceof BpfMap ? map.info().name : ''))
        .sort(),
      judged.maps.map((map) => map.name.slice(0, NAME_LENGTH)).sort(),
    );
    assert.deepEqual(
      Object.values(loaded.programs)
        .map((program) => program.info().name)
        .sort(),
      judged.programs
        .filter(({ autoload, name: program }) => autoload && program !== 'unused')
        .map((program) => program.name.slice(0, NAME_LENGTH))
        .sort(),
    );
  });
}
