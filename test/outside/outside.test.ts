import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection } from '../../src/collection/index.ts';
import { needsLoading } from '../collection/needs.ts';
import { assertSame, read, relocatePrograms } from '../judge/compare.ts';
import { assertSameSpec } from '../judge/compare-spec.ts';
import { type Judge, judge } from '../judge/judge.ts';
import { kernelBtfs } from '../judge/kernel-btf.ts';
import { isLegacy, type OutsideObject, outsideObjects } from './objects.ts';

/** With EBPF_TS_OUTSIDE=all each program is also tried on its own, which takes minutes. */
const skipLong = process.env.EBPF_TS_OUTSIDE === 'all' ? false : 'takes minutes: EBPF_TS_OUTSIDE=all runs it';

test("all objects of Debian's packages are read, and libbpf finds the same in them", async (t) => {
  const objects = outsideObjects(t);
  if (typeof objects === 'string') return t.skip(objects);
  const libbpf = await judge();
  assert.ok(objects.length > 100, `only ${objects.length} objects`);
  for (const { name, file, spec } of objects) {
    const ours = spec();
    assert.ok(Object.keys(ours.programs).length > 0, name);
    if (typeof libbpf === 'string' || isLegacy(ours)) continue;
    assertSameSpec(ours, libbpf.describe(file), file);
  }
});

/** Loads an object, or one program of it, and closes it. @returns why it could not */
async function problemOf(object: OutsideObject, program?: string): Promise<Error | undefined> {
  const spec = object.spec();
  for (const map of Object.values(spec.maps)) map.pinning = 'none';
  if (program !== undefined) {
    for (const each of Object.values(spec.programs)) each.autoload = each.name === program;
  }
  try {
    (await Collection.load(spec)).close();
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** The reason why libbpf does not load it, or undefined if it does. */
function theirProblem(libbpf: Judge, { file }: OutsideObject, program?: string): string | undefined {
  const loaded = libbpf.load(file, program === undefined ? [] : [program]);
  return 'error' in loaded ? loaded.error : undefined;
}

test('what libbpf loads here, loads', needsLoading(), async (t) => {
  const objects = outsideObjects(t);
  if (typeof objects === 'string') return t.skip(objects);
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const differences: string[] = [];
  let loaded = 0;
  for (const object of objects) {
    const error = await problemOf(object);
    if (error === undefined) loaded++;
    else if (!isLegacy(object.spec()) && theirProblem(libbpf, object) === undefined) {
      differences.push(`${object.name}: ${error.message}`);
    }
  }
  t.diagnostic(`${loaded} of ${objects.length} objects load as a whole`);
  assert.deepEqual(differences, []);
  assert.ok(loaded > 0);
});

test('each program that libbpf loads here on its own, loads', { skip: skipLong }, async (t) => {
  const objects = outsideObjects(t);
  if (typeof objects === 'string') return t.skip(objects);
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const differences: string[] = [];
  const count = { all: 0, loaded: 0 };
  for (const object of objects) {
    const spec = object.spec();
    for (const program of Object.keys(spec.programs)) {
      const error = await problemOf(object, program);
      count.all++;
      if (error === undefined) count.loaded++;
      else if (!isLegacy(spec) && theirProblem(libbpf, object, program) === undefined) {
        differences.push(`${object.name}: ${error.message}`);
      }
    }
  }
  t.diagnostic(`${count.loaded} of ${count.all} programs load`);
  assert.deepEqual(differences, []);
});

test('instructions after CO-RE relocation are those of libbpf', { skip: skipLong }, async (t) => {
  const objects = outsideObjects(t);
  if (typeof objects === 'string') return t.skip(objects);
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const [running, ...others] = await kernelBtfs();
  for (const [number, kernel] of [running, ...others].entries()) {
    if (kernel === undefined) continue;
    // Each of the other kernels gets a part of the objects, because libbpf needs a minute for all of them.
    const some = objects.filter((_, i) => kernel === running || i % others.length === number - 1);
    await t.test(`Linux ${kernel.name}`, (t) => {
      const btf = kernel.file;
      if (btf === undefined) return t.skip(kernel.missing);
      let compared = 0;
      for (const { name, file } of some) {
        const { spec, target } = read(file, btf);
        if (spec.btf === undefined || isLegacy(spec)) continue;
        const ours = relocatePrograms(spec, target);
        // libbpf does not relocate programs that it refuses for other reasons (maps, externs).
        const theirs = libbpf.relocate(file, btf).filter(({ error }) => error === undefined);
        const both = ours.filter((program) => theirs.some((other) => other.name === program.name));
        assertSame(both, theirs, name);
        compared += both.length;
      }
      t.diagnostic(`${compared} programs compared`);
      assert.ok(compared > 50);
    });
  }
});
