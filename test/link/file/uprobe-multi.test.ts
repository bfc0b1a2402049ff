// depends on: kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  add,
  and,
  atomicAdd,
  call,
  callKfunc,
  exit,
  jeq,
  label,
  loadMap,
  mov,
  r0,
  r1,
  r2,
  r10,
  stx,
} from '../../../src/asm/index.ts';
import { u32, u64 } from '../../../src/bytes/codec/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { haveAttachType } from '../../../src/features/index.ts';
import { attachUprobe, attachUprobeMulti } from '../../../src/link/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import { kernelBtf, openDescriptors } from '../../../src/sys/index.ts';
import { skipUnlessSupported } from '../../../src/testing/index.ts';
import { counter, needsRoot } from '../support.ts';
import { compile, FUNCTION, folder, MAIN, SERVER, startServer, UPROBE_MULTI } from './uprobe-support.ts';

const hasMulti = (t: TestContext): boolean =>
  skipUnlessSupported(t, haveAttachType('trace_uprobe_multi'), UPROBE_MULTI);

const run = (program: string): void => assert.equal(spawnSync(program).status, 0);

const THREE = `${FUNCTION} int step_one(int x) { __asm__ volatile(""); return x + 1; }
  static ${FUNCTION} int step_two(int x) { __asm__ volatile(""); return x + 2; }
  ${FUNCTION} int work(int x) { __asm__ volatile(""); return step_one(x) + step_two(x); }`;

test('a pattern attaches to all functions that match', needsRoot(), (t) => {
  const path = compile(t, 'three', [], THREE, MAIN);
  if (path === undefined || !hasMulti(t)) return;
  using runs = counter('kprobe', { attachType: 'trace_uprobe_multi' });
  const counts = (pattern: string): number => {
    const before = runs.count();
    using link = attachUprobeMulti(runs.program, { path, pattern });
    const info = link.info();
    assert.ok(info.type === 'uprobe_multi');
    run(path);
    return runs.count() - before;
  };
  assert.equal(counts('step_*'), 20);
  assert.equal(counts('*_two'), 10);
  assert.equal(counts('work'), 10);
  assert.throws(() => counts('stpe_*'), {
    code: 'ERR_BPF_NO_SYMBOL',
    message: /^Cannot find a function that matches "stpe_\*" in .*three \(did you mean "step_(one|two)"\?\)$/,
  });
});

test('at returns, once for each', needsRoot(), (t) => {
  const path = compile(t, 'returns', [], THREE, MAIN);
  if (path === undefined || !hasMulti(t)) return;
  using runs = counter('kprobe', { attachType: 'trace_uprobe_multi' });
  using link = attachUprobeMulti(runs.program, { path, places: ['work', 'step_two'], return: true });
  run(path);
  assert.equal(runs.count(), 20);
  const info = link.info();
  assert.ok(info.type === 'uprobe_multi');
  assert.deepEqual([info.path, info.count, info.flags], [path, 2, ['return']]);
});

/** Counts its runs at the start of a function in the first entry, and at its return in the second one. */
function session(): { readonly program: Program; readonly counts: () => number[]; [Symbol.dispose](): void } {
  const types = kernelBtf();
  const isReturn =
    [...types.idsByName('bpf_session_is_return')].find((id) => types.kindOf(id) === 'func') ?? 0;
  const map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 2 });
  const program = Program.loadSync({
    type: 'kprobe',
    name: 'session',
    license: 'GPL',
    attachType: 'trace_uprobe_session',
    instructions: [
      // The context is still in r1: kernels from 7.0 on take it.
      callKfunc(isReturn),
      and(r0, 1),
      stx('u32', r10, -4, r0),
      mov(r2, r10),
      add(r2, -4),
      loadMap(r1, map),
      call('map_lookup_elem'),
      jeq(r0, 0, 'out'),
      mov(r1, 1),
      atomicAdd('u64', r0, 0, r1),
      label('out'),
      mov(r0, 0),
      exit(),
    ],
  });
  return {
    program,
    counts: () => [0, 1].map((index) => Number(map.get(index))),
    [Symbol.dispose](): void {
      program.close();
      map.close();
    },
  };
}

test('a session runs at the start and at the return', needsRoot(), (t) => {
  const needed = { feature: 'a session of uprobes', since: '6.13', config: 'CONFIG_UPROBE_EVENTS' };
  if (!skipUnlessSupported(t, haveAttachType('trace_uprobe_session'), needed)) return;
  const path = process.execPath;
  using both = session();
  const link = attachUprobeMulti(both.program, { path, places: ['uv_get_process_title'], processId: 0 });
  assert.equal(link.type, 'uprobe_multi');
  const runs = 10;
  for (let run = 0; run < runs; run++) assert.equal(typeof process.title, 'string');
  assert.deepEqual(both.counts(), [runs, runs]);
  link.close();
  assert.equal(typeof process.title, 'string');
  assert.deepEqual(both.counts(), [runs, runs]);
  assert.throws(() => attachUprobeMulti(both.program, { path, places: ['work'], return: true }), {
    name: 'TypeError',
    message: 'attachUprobeMulti: a session runs at the return of each function as well: leave out return',
  });
});

/** Calls `work` only if something counts up the counter. Answers with the counter. */
const COUNTED = `#include <unistd.h>
__attribute__((section(".probes"))) volatile unsigned short counter;
${FUNCTION} int work(int x) { __asm__ volatile(""); return x + 1; }
int main(void) { char c; while (read(0, &c, 1) == 1) { if (counter) work(c); c = counter; if (write(1, &c, 1) != 1) return 1; } }`;

/** Where in a program the variable `counter` is. */
function counterOffset(path: string): number {
  const elf = ElfFile.parse(readFileSync(path));
  const symbol = elf.symbols.find(({ name }) => name === 'counter');
  assert.ok(symbol !== undefined);
  const { value } = symbol;
  const part = elf.segments.find(({ address, fileSize }) => value >= address && value < address + fileSize);
  return value - (part?.address ?? 0) + (part?.offset ?? 0);
}

test('a reference counter is up while a link is there', needsRoot(), async (t) => {
  const path = compile(t, 'counted', [], COUNTED);
  if (path === undefined) return;
  const refCounterOffset = counterOffset(path);
  const server = await startServer(path);
  try {
    using one = counter('kprobe');
    for (const processId of [server.pid, undefined]) {
      const before = one.count();
      assert.equal(await server.work(), 0);
      using link = attachUprobe(one.program, { path, function: 'work', processId, refCounterOffset });
      assert.equal(await server.work(), 1);
      link.close();
      assert.equal(await server.work(), 0);
      assert.equal(one.count(), before + 1);
    }
    if (!hasMulti(t)) return;
    using several = counter('kprobe', { attachType: 'trace_uprobe_multi' });
    const places = ['work', 'main'];
    const at = { path, places, processId: server.pid };
    using link = attachUprobeMulti(several.program, { ...at, refCounterOffsets: [refCounterOffset, 0] });
    assert.equal(await server.work(), 1);
    link.close();
    assert.equal(await server.work(), 0);
    assert.equal(several.count(), 1);
  } finally {
    await server.stop();
  }
});

test('the file of the watched process is meant in both forms', needsRoot(), async (t) => {
  const library = compile(
    t,
    'libown.so.1',
    ['-shared', '-fPIC', '-Wl,-soname,libown.so.1'],
    `${FUNCTION} int work(int x) { return x + 1; }`,
  );
  if (library === undefined || !hasMulti(t)) return;
  const program = compile(t, 'user', [library, `-Wl,-rpath,${folder}`], SERVER);
  if (program === undefined) return;
  const server = await startServer(program);
  try {
    using several = counter('kprobe', { attachType: 'trace_uprobe_multi' });
    for (const path of ['libown', 'libown.so', 'libown.so.1', `/proc/${server.pid}/root${library}`]) {
      const before = several.count();
      using link = attachUprobeMulti(several.program, { path, pattern: 'wor?', processId: server.pid });
      await server.work();
      assert.equal(several.count(), before + 1, path);
      const info = link.info();
      assert.ok(info.type === 'uprobe_multi');
      assert.deepEqual([info.path, info.processId], [library, server.pid]);
    }
    assert.throws(() => attachUprobeMulti(several.program, { path: 'libown', places: ['work'] }), {
      code: 'ENOENT',
      message: /^Cannot find library "libown": ENOENT: it is not in /,
    });
  } finally {
    await server.stop();
  }
});

test('options that contradict each other, and values that are none', needsRoot(), (t) => {
  if (!hasMulti(t)) return;
  using several = counter('kprobe', { attachType: 'trace_uprobe_multi' });
  using one = counter('kprobe');
  const path = process.execPath;
  const before = openDescriptors().length;
  const multi = (options: object): unknown => attachUprobeMulti(several.program, { path, ...options });
  const single = (options: object): unknown => attachUprobe(one.program, { path, ...options });
  const stands = 'exclude each other: a pattern stands for any number of places';
  const refusals: readonly (readonly [() => unknown, string, string])[] = [
    [() => multi({}), 'TypeError', 'attachUprobeMulti: give places, or a pattern'],
    [() => multi({ places: [] }), 'TypeError', 'attachUprobeMulti: give at least one function'],
    [
      () => multi({ pattern: '*', places: ['main'] }),
      'TypeError',
      `attachUprobeMulti: pattern and places ${stands}`,
    ],
    [
      () => multi({ pattern: '*', cookies: [1] }),
      'TypeError',
      `attachUprobeMulti: pattern and cookies ${stands}`,
    ],
    [
      () => multi({ pattern: '*', refCounterOffsets: [1] }),
      'TypeError',
      `attachUprobeMulti: pattern and refCounterOffsets ${stands}`,
    ],
    [
      () => multi({ pattern: '' }),
      'TypeError',
      'attachUprobeMulti: pattern must be a text without NUL characters, got ""',
    ],
    [() => multi({ pattern: 7 }), 'TypeError', 'attachUprobeMulti: pattern must be a string, got 7'],
    [() => multi({ places: [8n] }), 'TypeError', 'attachUprobeMulti: offset must be a number, got 8n'],
    [
      () => multi({ places: ['a', 'b'], refCounterOffsets: [1] }),
      'RangeError',
      'attachUprobeMulti: 1 refCounterOffsets for 2 places: give one for each place, 0 for none',
    ],
    [
      () => multi({ places: ['a'], refCounterOffsets: [-1] }),
      'RangeError',
      'attachUprobeMulti: refCounterOffsets must be a whole number of bytes, got -1',
    ],
    [
      () => multi({ places: ['a'], refCounterOffsets: [1n] }),
      'TypeError',
      'attachUprobeMulti: refCounterOffsets must be a number, got 1n',
    ],
    [
      () => multi({ places: ['a'], return: 1 }),
      'TypeError',
      'attachUprobeMulti: return must be true or false, got 1',
    ],
    [
      () => multi({ place: ['a'] }),
      'TypeError',
      'attachUprobeMulti: unknown option "place" (did you mean "places"?)',
    ],
    [
      () => single({ function: 'main', offset: 4, return: true }),
      'TypeError',
      'attachUprobe: offset and return exclude each other: a function returns from its start',
    ],
    [
      () => single({ function: 'main', return: 'yes' }),
      'TypeError',
      'attachUprobe: return must be true or false, got "yes"',
    ],
    [
      () => single({ function: 'main', refCounterOffset: 2 ** 32 }),
      'RangeError',
      'attachUprobe: refCounterOffset must be an integer from 0 to 4294967295, got 4294967296',
    ],
    [
      () => single({ function: 'main', refCounterOffset: 1n }),
      'TypeError',
      'attachUprobe: refCounterOffset must be a number, got 1n',
    ],
    [() => single({}), 'TypeError', 'attachUprobe: give a function, or an offset in the file'],
  ];
  for (const [attach, name, message] of refusals) assert.throws(attach, { name, message });
  assert.throws(() => multi({ places: [2 ** 40] }), {
    code: 'EINVAL',
    message: /offset 0x10000000000 is outside the file, which has \d+ bytes/,
  });
  assert.equal(openDescriptors().length, before);
});
