import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapCreateFlagTable, mapTypes, numberOf, programTypes } from '../../src/abi/index.ts';
import { Collection, CollectionSpec } from '../../src/collection/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { bpftool } from '../asm/bpftool.ts';
import { assertSameSpec } from '../judge/compare-spec.ts';
import { type Judge, type JudgedLoadedMap, type JudgedLoadedProgram, judge } from '../judge/judge.ts';
import { fixture, fixtures } from './fixture.ts';
import { needsLoading } from './needs.ts';

/** What every kernel loads. */
const ANYWHERE = /^(tiny|linked|pointers|maps|map-types|linking|special|variables|values)\./;
/** What libbpf does not read: maps in the form from before BTF, static maps, and maps of other files. */
const UNREAD = /^(legacy|linked-maps|dialect|elsewhere)\./;
/** libbpf reads objects of both byte orders, this machine's and the other. */
for (const name of fixtures().filter((each) => !UNREAD.test(each))) {
  const file = fixture(name);

  test(`${name}: libbpf finds the same maps and programs`, async (t) => {
    const libbpf = await judge();
    if (typeof libbpf === 'string') return t.skip(libbpf);
    const judged = libbpf.describe(file);
    const spec = CollectionSpec.loadSync(file);
    assertSameSpec(spec, judged, file);
  });
}

/** What the kernel says about a collection, in the form that the judge reports. */
function shown({ maps, programs }: Collection): { maps: JudgedLoadedMap[]; programs: JudgedLoadedProgram[] } {
  return {
    maps: Object.values(maps).map((map) => {
      const { name, type, keySize, valueSize, maxEntries, flags, extra, btfKeyType, btfValueType } =
        map.info();
      const number = numberOf(mapTypes, type);
      return {
        ...{
          name,
          type: number,
          keySize,
          valueSize,
          maxEntries,
          flags: mapCreateFlagTable.bits(flags),
          extra: String(extra),
        },
        ...{ btfKeyType, btfValueType },
      };
    }),
    programs: Object.values(programs).map((program) => {
      const { name, type, tag, xlatedSize, verifiedInstructions, mapIds, attachBtfId, gplCompatible } =
        program.info();
      return {
        ...{ name, type: numberOf(programTypes, type), tag, xlatedSize },
        ...{ verifiedInstructions, maps: mapIds.length, attachBtfId, gplCompatible },
      };
    }),
  };
}

const byName = <T extends { readonly name: string }>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The object without pins; with `only`, it loads no other program. */
function specOf(file: string, only?: string): CollectionSpec {
  const spec = CollectionSpec.loadSync(file);
  for (const map of Object.values(spec.maps)) map.pinning = 'none';
  if (only === undefined) return spec;
  for (const program of Object.values(spec.programs)) program.autoload = program.name === only;
  return spec;
}

/** Fails unless both load the object, with the same result, or both do not. */
function compareLoads(libbpf: Judge, file: string, only?: string): 'loaded' | 'refused' {
  const what = `${file} ${only ?? ''}`;
  let collection: Collection;
  try {
    collection = Collection.loadSync(specOf(file, only));
  } catch (error) {
    assert.ok(BpfError.is(error), String(error));
    assert.ok(
      'error' in libbpf.load(file, only === undefined ? [] : [only]),
      `${what}: libbpf loads it: ${error.message}`,
    );
    return 'refused';
  }
  using loaded = collection;
  const judged = libbpf.load(file, Object.keys(loaded.programs));
  assert.ok(!('error' in judged), `${what}: libbpf refuses it: ${'error' in judged && judged.error}`);
  const ours = shown(loaded);
  assert.deepEqual(byName(ours.maps), byName(judged.maps), what);
  assert.deepEqual(byName(ours.programs), byName(judged.programs), what);
  return 'loaded';
}

/**
 * What only this library loads: event buffers whose records have a type, and objects with externs that the kernel lacks
 * but no loaded program refers to.
 */
const OURS_ALONE = /^(events|commands|externs-missing)\./;
const both = (name: string): boolean => !UNREAD.test(name) && !OURS_ALONE.test(name);

for (const name of fixtures().filter((each) => each.includes('.el.') && both(each))) {
  const file = fixture(name);

  test(`${name}: what is loaded is what libbpf loads, or neither loads it`, needsLoading(), async (t) => {
    const libbpf = await judge();
    if (typeof libbpf === 'string') return t.skip(libbpf);
    const whole = compareLoads(libbpf, file);
    if (ANYWHERE.test(name)) assert.equal(whole, 'loaded');
    // struct_ops programs are loaded with the map that they are in.
    const alone = Object.values(CollectionSpec.loadSync(file).programs).filter(
      ({ type, autoload }) => type !== 'struct_ops' && (whole === 'refused' || !autoload),
    );
    for (const program of alone) compareLoads(libbpf, file, program.name);
  });

  test(`${name}: bpftool shows what was loaded`, needsLoading(), async (t) => {
    if (bpftool('version') === undefined) return t.skip('bpftool is not installed');
    let collection: Collection;
    try {
      collection = Collection.loadSync(specOf(file));
    } catch (error) {
      assert.ok(BpfError.is(error) && !ANYWHERE.test(name), String(error));
      return;
    }
    using loaded = collection;
    const show = (kind: string, id: number): Record<string, unknown> =>
      JSON.parse(bpftool('-j', kind, 'show', 'id', String(id)) ?? '') as Record<string, unknown>;
    for (const map of Object.values(loaded.maps)) {
      const { id, name, type, keySize, valueSize, maxEntries, flags } = map.info();
      const seen = show('map', id);
      assert.deepEqual(
        [seen.name, seen.type, seen.bytes_key, seen.bytes_value, seen.max_entries, seen.flags],
        [name, type, keySize, valueSize, maxEntries, mapCreateFlagTable.bits(flags)],
      );
    }
    for (const program of Object.values(loaded.programs)) {
      const { id, name, type, tag, xlatedSize, jitedSize, gplCompatible, mapIds } = program.info();
      const seen = show('prog', id);
      assert.deepEqual(
        [seen.type, seen.tag, seen.bytes_xlated, seen.bytes_jited ?? 0, seen.gpl_compatible],
        [type, tag, xlatedSize, jitedSize, gplCompatible],
      );
      assert.ok(String(seen.name).startsWith(name));
      assert.deepEqual(seen.map_ids ?? [], mapIds);
    }
  });
}
