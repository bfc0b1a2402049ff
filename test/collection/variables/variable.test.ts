// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { BpfError, ClosedError } from '../../../src/errors/index.ts';
import { type NativeBinding, native, withBinding } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };

for (const compiler of compilers) {
  const file = fixture(`variables.el.${compiler}.o`);

  test(`${compiler}: variables are read and written by their types`, needsLoading(), async () => {
    using collection = await Collection.load(file, { variables: { version: 9, own: 78 } });
    const { version, settings, seen, start, table, hidden, own, cleared } = collection.variables;
    assert.equal(version?.get(), 9, 'constants are set before the load');
    assert.equal(own?.get(), 78);
    assert.deepEqual(settings?.get(), { limit: 10, mode: 'MODE_ON', label: 'abc', small: 5, wide: 70000 });
    assert.deepEqual(table?.get(), [1, 2, 3, 4]);
    table?.set([4, 3, 2, 1]);
    assert.deepEqual(table?.get(), [4, 3, 2, 1]);
    start?.set(100);
    seen?.set(40n);
    collection.programs.main_program?.testRun(PACKET);
    assert.equal(seen?.get(), 41n);
    assert.equal(hidden?.get(), 9 + 1 + 9, 'helper(1) and helper(version)');
    assert.deepEqual(cleared?.get(), [1, 0, 0]);
    cleared?.set([7, 8, 9]);
    collection.programs.main_program?.testRun(PACKET);
    assert.deepEqual(cleared?.get(), [8, 8, 9]);
  });

  test(`${compiler}: wrong values and constants are refused by name`, needsLoading(), () => {
    using collection = Collection.loadSync(file);
    const { start, version } = collection.variables;
    assert.throws(() => start?.set('x'), { name: 'TypeError', message: /variable "start"/ });
    assert.throws(() => start?.set(2 ** 31), { name: 'RangeError', message: /variable "start"/ });
    assert.throws(() => version?.set(1), {
      name: 'TypeError',
      message: /give its value in options\.variables/,
    });
    assert.throws(() => Collection.loadSync(file, { variables: { version: -1 } }), RangeError);
    collection.close();
    assert.throws(() => start?.get(), ClosedError);
    assert.throws(() => start?.set(1), ClosedError);
  });
}

test('reading and writing a variable makes no system call', needsLoading(), () => {
  using collection = Collection.loadSync(fixture('variables.el.clang19.o'));
  const { seen } = collection.variables;
  seen?.get();
  const forbidden = new Proxy(native(), {
    get(target, name): unknown {
      const value: unknown = target[name as keyof NativeBinding];
      if (typeof value !== 'function') return value;
      return () => assert.fail(`a call of ${String(name)}`);
    },
  });
  withBinding(forbidden, () => {
    seen?.set(5n);
    assert.equal(seen?.get(), 5n);
  });
});

test('a section that cannot be mapped is read and written through the kernel', needsLoading(), () => {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  for (const map of Object.values(spec.maps)) map.flags = map.flags.filter((flag) => flag !== 'mmapable');
  using collection = Collection.loadSync(spec);
  const { seen, version } = collection.variables;
  seen?.set(5n);
  collection.programs.main_program?.testRun(PACKET);
  assert.equal(seen?.get(), 6n);
  assert.equal(version?.get(), 3);
});

test('variables of a section that its spec freezes cannot be set', needsLoading(), () => {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  const bss = spec.maps['.bss'];
  assert.ok(bss !== undefined);
  bss.frozen = true;
  using collection = Collection.loadSync(spec);
  const { seen } = collection.variables;
  assert.equal(seen?.get(), 0n);
  assert.throws(
    () => seen?.set(3n),
    (error) => BpfError.is(error) && error.code === 'EPERM' && /the map is frozen/.test(error.message),
  );
  assert.equal(seen?.get(), 0n);
});

test('constants are frozen', needsLoading(), () => {
  using collection = Collection.loadSync(fixture('variables.el.clang19.o'));
  const rodata = collection.map('.rodata', 'array');
  assert.throws(
    () => rodata.set(0, new Uint8Array(rodata.valueSize)),
    (error: Error) => BpfError.is(error) && error.code === 'EPERM',
  );
});

test('specs are not changed by a load', needsLoading(), () => {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  const before = spec.maps['.rodata']?.contents?.slice();
  Collection.loadSync(spec, { variables: { version: 99 } }).close();
  assert.deepEqual(spec.maps['.rodata']?.contents, before);
  using again = Collection.loadSync(spec);
  assert.equal(again.variables.version?.get(), 3);
});

test('a map that exists takes the place of one of the object', needsLoading(), () => {
  using first = Collection.loadSync(fixture('variables.el.clang19.o'));
  const bss = first.maps['.bss'] ?? assert.fail();
  first.variables.seen?.set(100n);
  {
    using second = Collection.loadSync(fixture('variables.el.clang19.o'), { maps: { '.bss': bss } });
    second.programs.main_program?.testRun(PACKET);
  }
  assert.equal(first.variables.seen?.get(), 101n);
});

test('variables under a token', async (t) => {
  const delegation = {
    cmds: 'map_create:prog_load:btf_load',
    maps: 'array',
    progs: 'socket_filter',
    attachs: 'cgroup_inet_ingress',
  };
  await runWithToken(t, 'are mapped as ever', delegation, async () => {
    const spec = await CollectionSpec.load(fixture('variables.el.clang19.o'));
    // The type of `looping` needs CAP_NET_ADMIN. The others call a helper that needs CAP_PERFMON.
    delete spec.programs.looping;
    delete spec.programs.optional;
    const main = spec.programs.main_program ?? assert.fail();
    assert.ok(main.instructions.length > 0);
    main.autoload = false;
    using collection = await Collection.load(spec);
    collection.variables.seen?.set(3n);
    assert.equal(collection.variables.seen?.get(), 3n);
    assert.deepEqual(collection.maps['.bss']?.info().flags, ['mmapable']);
  });
});
