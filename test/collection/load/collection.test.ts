// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { ClosedError } from '../../../src/errors/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const tiny = fixture('tiny.el.clang19.o');
const TINY = { cmds: 'map_create:prog_load:btf_load', maps: 'array', progs: 'socket_filter', attachs: 'any' };

/** Runs the program of `tiny.c` three times and looks at its counter. */
function runTiny(collection: Collection): void {
  const { count } = collection.programs;
  const counter = collection.map('counter', 'array');
  for (let i = 0; i < 3; i++) assert.equal(count?.testRun({ data: new Uint8Array(64) }).returnValue, 1);
  assert.equal(counter.get(0), 3n);
  assert.notEqual(counter.info().btfId, 0);
  assert.equal(collection.btfProblem, undefined);
}

test('a tiny object loads, runs and closes, both ways', needsLoading(), async () => {
  const before = openDescriptors().length;
  for (const compiler of compilers) {
    const file = fixture(`tiny.el.${compiler}.o`);
    for (const collection of [await Collection.load(file), Collection.loadSync(file)]) {
      runTiny(collection);
      const counter = collection.map('counter', 'array');
      collection.close();
      collection.close();
      assert.throws(() => counter.get(0), ClosedError);
    }
  }
  assert.equal(openDescriptors().length, before);
});

test('a tiny object loads under a token', async (t) => {
  await runWithToken(t, 'with exactly what it needs', TINY, async () => {
    using collection = await Collection.load(tiny);
    runTiny(collection);
  });
  await runWithToken(t, 'without its types', { ...TINY, cmds: 'map_create:prog_load' }, async () => {
    using collection = await Collection.load(tiny);
    assert.equal(collection.programs.count?.testRun({ data: new Uint8Array(64) }).returnValue, 1);
    assert.match(collection.btfProblem?.message ?? '', /delegate_cmds=.*btf_load|btf_load/);
  });
  await runWithToken(t, 'without the program type', { ...TINY, progs: 'xdp' }, async () => {
    await assert.rejects(Collection.load(tiny), (error: Error) => {
      assert.ok(error.message.startsWith(`${tiny}: Cannot load program "count" (socket_filter): EPERM`));
      assert.match(error.message, /socket_filter/);
      return true;
    });
    // The token itself stays.
    assert.deepEqual(
      openDescriptors().filter(({ what }) => !what.includes('token')),
      [],
    );
  });
});

test('a helper that takes a capability which is missing under the token', async (t) => {
  const rights = { cmds: 'map_create:prog_load:btf_load', maps: 'array', progs: 'any', attachs: 'any' };
  await runWithToken(t, 'is explained', rights, () => {
    assert.throws(() => Collection.loadSync(fixture('variables.el.clang19.o')), {
      name: 'VerifierError',
      message: /cannot use helper bpf_trace_printk#6|unknown func .*; this process lacks CAP_PERFMON/,
    });
  });
});

test('functions for programs under the GPL, and an object without license', needsLoading(), () => {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  (spec.programs.main_program ?? assert.fail()).license = '';
  assert.throws(() => Collection.loadSync(spec), {
    name: 'VerifierError',
    message:
      /GPL.*; the object has no license: if the program is under the GPL, set char LICENSE\[\] SEC\("license"\) = "GPL"$/,
  });
});

test('objects of the other byte order are refused', () => {
  const order = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'eb' : 'el';
  assert.throws(() => Collection.loadSync(fixture(`tiny.${order}.clang19.o`)), {
    name: 'FormatError',
    message: /its byte order is (big|little)-endian, this machine's is not/,
  });
});

test('wrong options are argument mistakes', async () => {
  const spec = await CollectionSpec.load(tiny);
  const refused = (options: object, message: RegExp): void => {
    assert.throws(() => Collection.loadSync(spec, options), { name: 'TypeError', message });
  };
  refused({ program: 'all' }, /unknown option "program" \(did you mean "programs"/);
  refused({ programs: ['coun'] }, /Cannot load program "coun": .* \(did you mean "count"\?\)/);
  refused({ variables: { seen: 1 } }, /Cannot set variable "seen": the object has no variable of that name/);
  refused({ maps: { conter: {} } }, /Cannot replace map "conter": .* \(did you mean "counter"\?\)/);
});

test('a map is asked for by name and type', needsLoading(), () => {
  using collection = Collection.loadSync(fixture('map-types.el.clang19.o'));
  const refused = (name: unknown, type: unknown, message: RegExp): void => {
    assert.throws(() => collection.map(name as string, type as 'hash'), { name: 'TypeError', message });
  };
  const [name = '', ...others] = Object.keys(collection.maps);
  refused(name, 'hsah', /^Unknown map type "hsah" \(did you mean "hash"/);
  refused(`${name}x`, undefined, /^Collection.map: the collection has no map ".*x" \(did you mean "/);
  refused('qqqqqqqqqqqq', undefined, /^Collection.map: the collection has no map "qqqqqqqqqqqq": it has "/);
  assert.ok(others.length > 4);
  refused('qqqqqqqqqqqq', undefined, / and \d+ more$/);
  refused(7, undefined, /^Collection.map: name must be a string, got 7$/);
});

test('a closed collection refuses all but close()', needsLoading(), () => {
  const collection = Collection.loadSync(tiny);
  assert.equal(collection.closed, false);
  collection.close();
  assert.equal(collection.closed, true);
  assert.throws(() => collection.map('counter'), ClosedError);
  assert.throws(() => collection.pin('/sys/fs/bpf/nothing'), ClosedError);
  collection.close();
});
