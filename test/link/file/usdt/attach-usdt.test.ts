// depends on: kernel
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { u32 } from '../../../../src/bytes/codec/index.ts';
import { ElfFile, usdtProbes } from '../../../../src/elf/index.ts';
import { haveAttachType } from '../../../../src/features/index.ts';
import { attachUsdt, type Link, LinkGroup } from '../../../../src/link/index.ts';
import { BpfMap } from '../../../../src/map/index.ts';
import { Program } from '../../../../src/program/index.ts';
import { openDescriptors } from '../../../../src/sys/index.ts';
import { counter, tryTo } from '../../support.ts';
import { MADE_VALUES, writeMadeProgram } from './made-program.ts';
import { compile, folder, needsRoot, needsX86, ownBpffs, Watcher, type Way } from './support.ts';

const OBJECTS = ['usdt', 'usdt-newer'] as const;

/** The ways of attaching that this kernel has. */
const ways = (): Way[] =>
  haveAttachType('trace_uprobe_multi').answer === 'yes' ? ['one link', 'perf events'] : ['perf events'];

function target(t: TestContext): string | undefined {
  return needsX86(t) ? compile(t, 'target', 'target.c') : undefined;
}

const run = (path: string): string => {
  const { status, stdout } = spawnSync(path, { encoding: 'utf8' });
  assert.equal(status, 0);
  return stdout.trim();
};

/** What programs see of each probe: the values of the arguments at each place. */
const EXPECTED: { readonly [name: string]: readonly (readonly (number | bigint)[])[] } = {
  none: [[]],
  sizes: [[-3, 253, -300, 65236, -70000, 4294897296, -5000000000, 18446744068709551616n]],
  constants: [[-9, 71, 44]],
  hexadecimal: [[-16]],
  memory: [[30, 10, 20]],
  variables: [[-7, 65000]],
  halves: [[0x12, 0x34]],
  places: [[1], [2], [1]],
  pair: [[-11, 1234567890123]],
  many: [Array.from({ length: 12 }, (_, i) => i + 1)],
};

const signed = (values: readonly (readonly (number | bigint)[])[]): bigint[][] =>
  values.map((row) => row.map((value) => BigInt.asIntN(64, BigInt(value))));

for (const object of OBJECTS) {
  test(`${object}: programs read the arguments of each probe`, needsRoot(), (t) => {
    const path = target(t);
    if (path === undefined) return;
    for (const way of ways()) {
      using watcher = new Watcher(object, way);
      for (const [name, expected] of Object.entries(EXPECTED)) {
        using _link = attachUsdt(watcher.plain, { path, provider: 'test', name });
        run(path);
        const seen = watcher.take();
        assert.deepEqual(
          seen.map(({ values }) => values),
          signed(expected),
          `${name}, ${way}`,
        );
        for (const { errors, cookie } of seen) {
          assert.ok(errors.every((error) => error === 0));
          assert.equal(cookie, 0n);
        }
      }
      run(path);
      assert.deepEqual(watcher.take(), [], 'the link is closed');
    }
  });
}

for (const object of OBJECTS) {
  test(`${object}: a program made byte by byte: values, several places, the semaphore`, needsRoot(), (t) => {
    if (!needsX86(t)) return;
    const path = join(folder, `made-${object}`);
    writeMadeProgram(path);
    const raised = (): number | null => spawnSync(path).status;
    assert.equal(raised(), 0);
    for (const way of ways()) {
      using watcher = new Watcher(object, way);
      {
        using _link = attachUsdt(watcher.plain, { path, provider: 'made', name: 'probe', cookie: 2n ** 40n });
        // The kernel counts the places.
        assert.equal(raised(), 2, way);
        assert.deepEqual(
          watcher.take().map(({ values, cookie }) => ({ values, cookie })),
          MADE_VALUES.map((values) => ({ values, cookie: 2n ** 40n })),
          way,
        );
      }
      assert.equal(raised(), 0, way);
      assert.deepEqual(watcher.take(), []);
    }
  });
}

test('elements of arrays need the newer version of usdt.bpf.h', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  const at = { path, provider: 'test', name: 'indexed' };
  using newer = new Watcher('usdt-newer');
  using _link = attachUsdt(newer.plain, at);
  run(path);
  assert.deepEqual(newer.take()[0]?.values, [30n, 20n, 0n]);
  using older = new Watcher('usdt');
  assert.throws(() => attachUsdt(older.plain, at), {
    code: 'ERR_BPF_USDT_ARGUMENT',
    message: /at an address with an index register: .* compile it with that of libbpf 1\.7 or newer$/,
  });
});

test('several places get one link, or one for each', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    const { plain } = watcher;
    assert.equal(plain.attachType, way === 'one link' ? 'trace_uprobe_multi' : undefined);
    using link = attachUsdt(plain, { path, provider: 'test', name: 'places' });
    assert.ok(link instanceof LinkGroup);
    assert.equal(link.links.length, way === 'one link' ? 1 : 3);
    assert.equal(link.type, way === 'one link' ? 'uprobe_multi' : 'perf_event');
    assert.equal(link.info().programId, plain.info().id);
  }
});

test('the cookie is that of the attachment', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    const at = { path, provider: 'test', name: 'pair' };
    using _first = attachUsdt(watcher.plain, { ...at, cookie: 7 });
    using _second = attachUsdt(watcher.plain, { ...at, cookie: 2n ** 64n - 1n });
    run(path);
    const cookies = watcher.take().map(({ cookie }) => cookie);
    assert.deepEqual(new Set(cookies), new Set([7n, 2n ** 64n - 1n]));
  }
});

test('the semaphore is raised as long as a program is attached', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  assert.equal(run(path), '0');
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    const at = { path, provider: 'test', name: 'watched' };
    {
      using _one = attachUsdt(watcher.plain, at);
      assert.equal(run(path), '1', way);
      assert.deepEqual(watcher.take()[0]?.values, [1n]);
      // The kernel counts the places, not the programs.
      using _two = attachUsdt(watcher.plain, { ...at, cookie: 1 });
      assert.equal(run(path), '1', way);
      watcher.take();
    }
    assert.equal(run(path), '0', way);
  }
});

type Waiting = ChildProcessByStdio<Writable, Readable, null>;

test('one process is watched, or every process', needsRoot(), async (t) => {
  const path = target(t);
  if (path === undefined) return;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    const watched: Waiting = spawn(path, ['wait'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const at = { path, provider: 'test', name: 'watched' };
    using _link = attachUsdt(watcher.plain, { ...at, processId: watched.pid });
    assert.equal(run(path), '0', 'the semaphore of another process');
    assert.deepEqual(watcher.take(), []);
    watched.stdin.write('\n');
    const [answer]: unknown[] = await once(watched.stdout, 'data');
    assert.equal(String(answer).trim(), '1');
    assert.equal(watcher.take().length, 1);
    watched.stdin.end('\n');
    await once(watched, 'exit');
  }
});

test('a program that takes its arguments by name, and one that may sleep', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  using watcher = new Watcher('usdt');
  {
    using _link = attachUsdt(watcher.program('named'), { path, provider: 'test', name: 'pair' });
    run(path);
    const row = watcher.collection.map('records', 'array').get(0) as { values: bigint[] };
    assert.deepEqual(row.values.slice(0, 2), [-11n, 1234567890123n]);
    watcher.take();
  }
  for (const way of ways()) {
    using other = new Watcher('usdt', way);
    using _link = attachUsdt(other.program('sleepy'), { path, provider: 'test', name: 'memory' });
    run(path);
    assert.deepEqual(other.take()[0]?.values, [30n, 10n, 20n], way);
  }
});

test('a collection attaches a program to the probe that its section names', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  using watcher = new Watcher('usdt');
  const { collection } = watcher;
  const before = process.cwd();
  // The section is usdt/./target:test:pair.
  process.chdir(folder);
  try {
    using links = collection.attach({ only: ['named'] });
    run(path);
    const row = collection.map('records', 'array').get(0) as { values: bigint[] };
    assert.deepEqual(row.values.slice(0, 2), [-11n, 1234567890123n]);
    assert.equal([...links].length, 1);
    using others = collection.attach({
      only: ['plain'],
      programs: { plain: { path, provider: 'test', name: 'pair' } },
    });
    assert.deepEqual(others.skipped, []);
    watcher.take();
    run(path);
    assert.ok(watcher.take().some(({ count }) => count === 2));
  } finally {
    process.chdir(before);
  }
});

test(
  'a probe of a shared library, for every process and for one that has it mapped',
  needsRoot(),
  async (t) => {
    if (!needsX86(t)) return;
    const library = compile(t, 'libprobed.so', 'library.c', '-shared', '-fPIC');
    const path = compile(t, 'user', 'library-user.c', `-L${folder}`, '-lprobed', `-Wl,-rpath,${folder}`);
    if (library === undefined || path === undefined) return;
    for (const way of ways()) {
      using watcher = new Watcher('usdt', way);
      const at = { provider: 'library', name: 'called' };
      {
        using _link = attachUsdt(watcher.plain, { ...at, path: library });
        run(path);
        assert.deepEqual(watcher.take()[0]?.values, [5n, 77n], way);
      }
      // By its name, as the watched process has it mapped.
      const watched: Waiting = spawn(path, ['wait'], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(watched.stdout, 'data');
      {
        using _link = attachUsdt(watcher.plain, { ...at, path: 'libprobed.so', processId: watched.pid });
        run(path);
        watched.stdin.end('\n');
        await once(watched, 'exit');
        assert.equal(watcher.take().length, 1, way);
      }
    }
  },
);

test('a probe of a 32-bit program', needsRoot(), (t) => {
  if (!needsX86(t)) return;
  const flags = ['-m32', '-nostdlib', '-static', '-fno-pie', '-no-pie'];
  const path = compile(t, 'small', 'small.c', ...flags);
  if (path === undefined) return;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    using _link = attachUsdt(watcher.plain, { path, provider: 'small', name: 'probe' });
    run(path);
    assert.deepEqual(watcher.take()[0]?.values, [-5n, 4464n, 44n], way);
  }
});

test('a pinned link keeps its specs, and so its arguments', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  if (!ways().includes('one link')) return t.skip('links to several places of a program need Linux 6.6');
  using bpffs = ownBpffs();
  using watcher = new Watcher('usdt');
  const pin = join(bpffs.path, 'link');
  const link = attachUsdt(watcher.plain, { path, provider: 'test', name: 'pair' });
  link.pin(pin);
  link.close();
  using _other = attachUsdt(watcher.plain, { path, provider: 'test', name: 'constants' });
  run(path);
  assert.deepEqual(
    watcher.take().map(({ values }) => values),
    signed([
      [-9, 71, 44],
      [-11, 1234567890123],
    ]),
  );
  unlinkSync(pin);
  run(path);
  assert.equal(watcher.take().length, 1);
});

test('a forgotten link is closed by the collector, and its specs are free again', needsRoot(), async (t) => {
  const path = target(t);
  if (path === undefined) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way, 1);
    const at = { path, provider: 'test', name: 'pair' };
    const before = openDescriptors().length;
    (() => void attachUsdt(watcher.plain, at))();
    for (let tries = 0; tries < 100 && openDescriptors().length > before; tries++) {
      collect();
      await setImmediate();
    }
    assert.equal(openDescriptors().length, before);
    run(path);
    assert.deepEqual(watcher.take(), []);
    // The map holds one spec. The collector says one by one what it has found.
    const other = (): Link => attachUsdt(watcher.plain, { ...at, name: 'constants' });
    let link = tryTo(other);
    for (let tries = 0; tries < 100 && typeof link === 'string'; tries++) {
      collect();
      await setImmediate();
      link = tryTo(other);
    }
    assert.ok(typeof link !== 'string', `${way}: ${link}`);
    link.close();
  }
});

test('a group of links is not pinned', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  using watcher = new Watcher('usdt', 'perf events');
  using link = attachUsdt(watcher.plain, { path, provider: 'test', name: 'places' });
  for (const call of [() => link.pin('/x'), () => link.unpin('/x')]) {
    assert.throws(call, { code: 'ERR_BPF_LINK_GROUP' });
  }
});

test('programs and options that do not fit', needsRoot(), () => {
  const at = { path: process.execPath, provider: 'test', name: 'x' };
  using wrong = counter('raw_tracepoint');
  assert.throws(() => attachUsdt(wrong.program, at), {
    name: 'TypeError',
    message: /is not of type kprobe$/,
  });
  using runs = counter('kprobe');
  const refused = (options: object, name: string, message: RegExp): void => {
    assert.throws(() => attachUsdt(runs.program, { ...at, ...options }), { name, message });
  };
  refused({ provider: undefined }, 'TypeError', /^attachUsdt: provider must be a string, got undefined$/);
  refused({ name: undefined }, 'TypeError', /^attachUsdt: name must be a string, got undefined$/);
  refused({ provider: '' }, 'TypeError', /^attachUsdt: provider must name a part of the probe, got ""$/);
  refused({ path: '' }, 'TypeError', /^attachUsdt: path must be /);
  refused({ cookie: -1 }, 'RangeError', /^attachUsdt: cookie must be /);
  refused({ processId: -2 }, 'RangeError', /^attachUsdt: processId must be /);
  refused({ processId: 8n }, 'TypeError', /^attachUsdt: processId must be .*8n$/);
  refused({ specs: {} }, 'TypeError', /^attachUsdt: specs must be a BpfMap, got an object$/);
  refused({}, 'BpfError', /^Cannot find USDT probe "test:x" in .*: it has no USDT probes/);
  using hash = BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1 });
  refused(
    { specs: hash },
    'BpfError',
    /is not a map of specs: give the one that the object calls __bpf_usdt_specs$/,
  );
  using array = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1 });
  if (process.arch !== 'x64') return;
  const path = join(folder, 'made-for-options');
  writeMadeProgram(path);
  const made = { path, provider: 'made', name: 'probe', specs: array };
  refused(
    made,
    'BpfError',
    /values of its map of specs have 4 bytes, and this library knows those of 208 and 304 bytes/,
  );
  if (haveAttachType('trace_uprobe_session').answer !== 'yes') return;
  using session = counter('kprobe', { attachType: 'trace_uprobe_session' });
  assert.throws(() => attachUsdt(session.program, at), {
    name: 'TypeError',
    message: /was loaded for trace_uprobe_session: load it for trace_uprobe_multi, or for nothing$/,
  });
});

test('probes of a program that was not made for this test', needsRoot(), (t) => {
  const path = '/usr/bin/python3';
  if (!existsSync(path) || usdtProbes(ElfFile.parse(readFileSync(path))).length === 0) {
    return t.skip(`a ${path} with USDT probes is not installed`);
  }
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    using _link = attachUsdt(watcher.plain, { path, provider: 'python', name: 'gc__start' });
    assert.equal(spawnSync(path, ['-c', 'import gc; gc.collect(1); gc.collect(2)']).status, 0);
    const generations = watcher.take().map(({ values }) => values[0]);
    assert.ok(generations.includes(1n) && generations.includes(2n), `${generations}`);
  }
});

test('a program without usdt.bpf.h is attached too, with its own cookie', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  using runs = counter('kprobe');
  using _link = attachUsdt(runs.program, { path, provider: 'test', name: 'places', cookie: 5n });
  run(path);
  assert.equal(runs.count(), 3);
});

test('a program that was opened by a pin is attached as it was loaded', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  using bpffs = ownBpffs();
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way);
    const pin = join(bpffs.path, way.replace(' ', '-'));
    watcher.plain.pin(pin);
    using opened = Program.fromPinned(pin);
    using link = attachUsdt(opened, { path, provider: 'test', name: 'places' });
    assert.equal(link.type, way === 'one link' ? 'uprobe_multi' : 'perf_event');
    run(path);
    assert.deepEqual(
      watcher.take().map(({ values }) => values),
      [[1n], [2n], [1n]],
    );
  }
});

test('a refused attachment leaves nothing', needsRoot(), (t) => {
  const path = target(t);
  if (path === undefined) return;
  for (const way of ways()) {
    using watcher = new Watcher('usdt', way, 1);
    const specs = watcher.collection.map('__bpf_usdt_specs', 'array');
    const at = { path, provider: 'test', name: 'places' };
    assert.throws(() => attachUsdt(watcher.plain, at), {
      code: 'ERR_BPF_USDT_SPECS',
      message:
        /map "__bpf_usdt_specs" is full: it holds 1 specs.*: define BPF_USDT_MAX_SPEC_CNT with a larger number/,
    });
    assert.throws(() => attachUsdt(watcher.plain, { ...at, name: 'pair', processId: 0x7fff_fffe }), {
      code: 'ESRCH',
    });
    // The only entry is free.
    using _link = attachUsdt(watcher.plain, { ...at, name: 'pair', specs });
    run(path);
    assert.deepEqual(watcher.take()[0]?.values, [-11n, 1234567890123n]);
  }
});
