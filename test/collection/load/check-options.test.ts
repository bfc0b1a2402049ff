import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, type CollectionOptions, CollectionSpec } from '../../../src/collection/index.ts';
import { nearSectionNames, parseSectionName } from '../../../src/sections/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const file = fixture('maps.el.clang19.o');

/** The object, with nothing pinned. */
function plain(source = 'maps'): CollectionSpec {
  const spec = CollectionSpec.loadSync(fixture(`${source}.el.clang19.o`));
  for (const map of Object.values(spec.maps)) map.pinning = 'none';
  return spec;
}

const options: readonly (readonly [options: unknown, message: string])[] = [
  [null, 'options must be an object, got null'],
  [5, 'options must be an object, got 5'],
  [[], 'options must be an object, got an array of 0'],
  [{ tokn: 'off' }, 'unknown option "tokn" (did you mean "token"?)'],
  [{ programs: 'jump' }, 'programs must be "all" or an array of names, got "jump"'],
  [{ programs: [5] }, 'programs must be "all" or an array of names, got an array of 1'],
  [{ programs: null }, 'programs must be "all" or an array of names, got null'],
  [{ maps: [] }, 'maps must be an object, got an array of 0'],
  [{ maps: { typed: null } }, 'maps.typed must be a BpfMap, got null'],
  [{ maps: { typed: {} } }, 'maps.typed must be a BpfMap, got an object'],
  [{ variables: 5 }, 'variables must be an object, got 5'],
  [{ kconfig: 'y' }, 'kconfig must be an object, got "y"'],
  [
    { kconfig: { CONFIG_HZ: {} } },
    'kconfig.CONFIG_HZ must be a string, a number, a bigint or a boolean, got an object',
  ],
  [{ pinPath: 5 }, 'pinPath must be a path, got 5'],
  [{ pinPath: '' }, 'pinPath must be a path, got ""'],
  [{ pinPath: 'a\0b' }, 'pinPath must be a path, got "a\\u0000b"'],
  [{ targetBtf: {} }, 'targetBtf must be a BtfTypes, got an object'],
  [{ targets: { jump: null } }, 'targets.jump must be an object, got null'],
  [{ targets: { jump: {} } }, 'targets.jump.program must be a Program, got undefined'],
  [{ targets: { jump: { program: { fd: 5 } } } }, 'targets.jump.program must be a Program, got an object'],
  [{ logLevel: Number.NaN }, 'logLevel must be an integer from 0 to 15, got NaN'],
];

test('options that cannot be meant are refused by name, before anything is made', async () => {
  const before = openDescriptors().length;
  for (const [given, problem] of options) {
    const refused = { message: `Collection.load: ${problem}`, name: /^(Type|Range)Error$/ };
    assert.throws(() => Collection.loadSync(plain(), given as CollectionOptions), refused);
    await assert.rejects(Collection.load(plain(), given as CollectionOptions), refused);
  }
  assert.equal(openDescriptors().length, before);
});

test('names that the object does not have are refused, with near ones', needsLoading(), () => {
  const refused = (source: string, given: CollectionOptions, message: RegExp): void => {
    assert.throws(() => Collection.loadSync(plain(source), given), { name: 'TypeError', message });
  };
  refused(
    'maps',
    { programs: ['jmup'] },
    /program "jmup": the object has no program of that name \(did you mean "jump"\?\)/,
  );
  refused(
    'variables',
    { variables: { sttart: 1 } },
    /"sttart": the object has no variable .*\(did you mean "start"/,
  );
  refused(
    'externs',
    { kconfig: { CONFIG_HTZ: 5 } },
    /configuration value "CONFIG_HTZ": the object has no value .*\(did you mean "CONFIG_HZ"/,
  );
  refused(
    'maps',
    { kconfig: { CONFIG_HZ: 5 } },
    /configuration value "CONFIG_HZ": the object has no value of that name$/,
  );
  using collection = Collection.loadSync(plain());
  const program = collection.programs.jump ?? assert.fail();
  refused(
    'targets',
    { targets: { replacment: { program } } },
    /"replacment" a target.*did you mean "replacement"/,
  );
  refused(
    'targets',
    { targets: { replacement: { program, fuction: 'x' } as never } },
    /targets\.replacement: unknown option "fuction" \(did you mean "function"\?\)/,
  );
});

/** The place in a spec, the value to put there, and the message that it must cause. */
const edits: readonly (readonly [place: string, value: unknown, message: string])[] = [
  ['maps.typed', null, 'maps.typed must be an object, got null'],
  ['maps.typed', {}, 'maps.typed.name must be a string, got undefined'],
  ['maps.typed.keySize', '4', 'maps.typed.keySize must be a whole number from 0 to 4294967295, got "4"'],
  ['maps.typed.maxEntries', -1, 'maps.typed.maxEntries must be a whole number from 0 to 4294967295, got -1'],
  ['maps.typed.flags', 1, 'maps.typed.flags must be an array of names, got 1'],
  [
    'maps.typed.flags',
    ['no_preallok'],
    'maps.typed.flags: unknown map flag "no_preallok" (did you mean "no_prealloc"?)',
  ],
  ['maps.typed.flags', [-1], 'maps.typed.flags must be a whole number from 0 to 4294967295, got -1'],
  ['maps.outer.inner.flags', ['x'], 'maps.outer.inner.flags: unknown map flag "x"'],
  [
    'programs.jump.flags',
    ['sleepabel'],
    'programs.jump.flags: unknown program flag "sleepabel" (did you mean "sleepable"?)',
  ],
  ['maps.typed.mapExtra', 3, 'maps.typed.mapExtra must be a bigint from 0n to 18446744073709551615n, got 3'],
  ['maps.typed.pinning', 'byname', 'maps.typed.pinning must be "none" or "by_name", got "byname"'],
  ['maps.typed.contents', 'x', 'maps.typed.contents must be a Uint8Array, got "x"'],
  ['maps.outer.entries', [null], 'maps.outer.entries[0] must be an object, got null'],
  ['maps.outer.inner', {}, 'maps.outer.inner.name must be a string, got undefined'],
  ['programs.jump', undefined, 'programs.jump must be an object, got undefined'],
  ['programs.jump.instructions', 5, 'programs.jump.instructions must be an array, got 5'],
  ['programs.jump.instructions', [null], 'programs.jump.instructions[0] must be an object, got null'],
  ['programs.jump.autoload', 'no', 'programs.jump.autoload must be true or false, got "no"'],
  ['programs.jump.license', 5, 'programs.jump.license must be a string, got 5'],
];

/** Puts a value, however wrong, at a place in a spec. */
function put(spec: CollectionSpec, place: string, value: unknown): void {
  const steps = place.split('.');
  const last = steps.pop() ?? '';
  let at: object = spec;
  for (const step of steps) at = (at as Readonly<Record<string, object>>)[step] ?? assert.fail(place);
  Object.assign(at, { [last]: value });
}

test('edits of a spec that cannot be meant are refused by their place', () => {
  for (const [place, value, problem] of edits) {
    const spec = plain();
    put(spec, place, value);
    assert.throws(() => Collection.loadSync(spec), {
      message: `spec.${problem}`,
      name: /^(Type|Range)Error$/,
    });
  }
});

test('a map that was taken out of a spec, and is needed, is named', needsLoading(), () => {
  const spec = plain();
  delete spec.maps.typed;
  assert.throws(() => Collection.loadSync(spec), {
    code: 'ERR_BPF_LINK',
    message: `${file}: Cannot load program "jump": it refers to map "typed", which does not exist`,
  });
});

test('what is no path, name or option of a spec is refused', needsLoading(), () => {
  using collection = Collection.loadSync(plain());
  for (const folder of [undefined, 5, '', 'a\0b'] as string[]) {
    assert.throws(() => collection.pin(folder), {
      name: 'TypeError',
      message: /^Collection\.pin: folder must be a path/,
    });
  }
  for (const name of [undefined, 5] as unknown as string[]) {
    const message = `name must be a string, got ${name}`;
    assert.throws(() => parseSectionName(name), {
      name: 'TypeError',
      message: `parseSectionName: ${message}`,
    });
    assert.throws(() => nearSectionNames(name), {
      name: 'TypeError',
      message: `nearSectionNames: ${message}`,
    });
  }
  assert.throws(() => CollectionSpec.parse(new Uint8Array(64), { flie: 'x' } as object), {
    name: 'TypeError',
    message: 'CollectionSpec.parse: unknown option "flie" (did you mean "file"?)',
  });
});

test('edits of variables, externs and instructions are refused by their place', needsLoading(), () => {
  const refused = (edit: (spec: CollectionSpec) => void, message: string | RegExp): void => {
    const spec = CollectionSpec.loadSync(fixture('externs.el.clang19.o'));
    edit(spec);
    assert.throws(() => Collection.loadSync(spec), { message });
  };
  const put = (things: object, field: string, value: unknown): void => {
    Object.assign(Object.values(things)[0] as object, { [field]: value });
  };
  refused((spec) => put(spec.externs, 'weak', 1), /^spec\.externs\.\w+\.weak must be true or false, got 1$/);
  refused(
    (spec) => put(spec.externs, 'offset', 1.5),
    /^spec\.externs\.\w+\.offset must be a whole number from 0 to 4294967295, got 1\.5$/,
  );
  const variables = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  put(variables.variables, 'name', 1);
  assert.throws(() => Collection.loadSync(variables), {
    message: /^spec\.variables\.\w+\.name must be a string, got 1$/,
  });
  refused(
    (spec) => put(Object.values(spec.programs)[0]?.instructions ?? [], 'opcode', 1n),
    /^spec\.programs\.\w+\.instructions\[0\]\.opcode must be a number, got 1n$/,
  );
});
