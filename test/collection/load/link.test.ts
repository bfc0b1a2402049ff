import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encode, isLabel } from '../../../src/asm/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { linkProgram } from '../../../src/collection/load/link.ts';
import { fixture, fixtures } from '../fixture.ts';

const spec = (): CollectionSpec => CollectionSpec.parse(readFileSync(fixture('variables.el.clang19.o')));

test('a program brings along the functions it reaches, each once, and no others', () => {
  const { programs, functions } = spec();
  const names = (name: string): string[] =>
    linkProgram(programs[name] ?? assert.fail(), functions, programs).functions.map((fn) => fn.name);
  assert.deepEqual(names('main_program'), ['main_program', 'helper', 'shared', 'feeble']);
  assert.deepEqual(names('optional'), ['optional', 'shared']);
  assert.deepEqual(names('looping'), ['looping', 'each'], 'a callback is reached by its address');
});

test('calls go to the function they name', () => {
  const { programs, functions } = spec();
  const { items, functions: linked } = linkProgram(programs.main_program ?? assert.fail(), functions);
  const bytes = new DataView(encode(items, { mapFd: () => 1 }).buffer);
  const starts = new Set(linked.map(({ start }) => start));
  let calls = 0;
  for (let slot = 0; slot < bytes.byteLength / 8; slot++) {
    if (bytes.getUint8(slot * 8) !== 0x85 || bytes.getUint8(slot * 8 + 1) >> 4 !== 1) continue;
    calls++;
    assert.ok(starts.has(slot + 1 + bytes.getInt32(slot * 8 + 4, true)));
  }
  assert.equal(calls, 4);
});

test('linking changes no spec', () => {
  const before = spec();
  const { items } = linkProgram(before.programs.main_program ?? assert.fail(), before.functions);
  for (const item of items) if (!isLabel(item)) item.imm = 12345;
  assert.ok(before.programs.main_program?.instructions.every(({ imm }) => imm !== 12345));
});

test('a function that is not there is named, with its caller and near names', () => {
  const { programs, functions } = spec();
  delete functions.shared;
  assert.throws(() => linkProgram(programs.optional ?? assert.fail(), functions), {
    code: 'ERR_BPF_LINK',
    message: 'Cannot link program "optional": function "optional" refers to "shared", which does not exist',
  });
});

test('what a program refers to is noted, its functions included', () => {
  const seen = { externs: 0, maps: 0, core: 0, nothing: 0 };
  for (const name of fixtures()) {
    const { programs, functions } = CollectionSpec.parse(readFileSync(fixture(name)));
    for (const program of Object.values(programs)) {
      const { items, refers } = linkProgram(program, functions, programs);
      const instructions = items.flatMap((item) => (isLabel(item) ? [] : [item]));
      const externs = instructions.flatMap(({ extern }) => extern ?? []);
      const maps = instructions.some(({ map }) => map !== undefined);
      const core = instructions.some((instruction) => instruction.core !== undefined);
      assert.deepEqual(refers, { externs: new Set(externs), maps, core }, `${name}: ${program.name}`);
      if (externs.length > 0) seen.externs++;
      if (maps) seen.maps++;
      if (core) seen.core++;
      if (externs.length === 0 && !maps && !core) seen.nothing++;
    }
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `no program refers to ${what}`);
});
