// depends on: kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ElfFile } from '../../../src/elf/index.ts';
import { haveAttachType } from '../../../src/features/index.ts';
import { attachUprobe, attachUprobeMulti, type Link } from '../../../src/link/index.ts';
import { skipUnlessSupported } from '../../../src/testing/index.ts';
import { type Counter, counter, needsRoot } from '../support.ts';
import { compile, FUNCTION, folder, MAIN, UPROBE_MULTI } from './uprobe-support.ts';

/** How often the program runs while a function is probed, for each form of uprobes that the kernel has. */
function hits(path: string, name: string, program: string, args: readonly string[] = []): number[] {
  const found: number[] = [];
  const during = (runs: Counter, attach: () => Link): void => {
    using _link = attach();
    assert.equal(spawnSync(program, args).status, 0);
    found.push(runs.count());
  };
  using one = counter('kprobe');
  during(one, () => attachUprobe(one.program, { path, function: name }));
  if (haveAttachType('trace_uprobe_multi').answer === 'yes') {
    using several = counter('kprobe', { attachType: 'trace_uprobe_multi' });
    during(several, () => attachUprobeMulti(several.program, { path, places: [name] }));
  }
  return found;
}

const each = (counts: readonly number[], expected: number): void => {
  for (const count of counts) assert.equal(count, expected);
};

test('a name means the default version of a library’s function', needsRoot(), (t) => {
  const map = join(folder, 'map');
  writeFileSync(map, 'V1 { global: work; local: *; }; V2 { global: work; } V1;');
  const library = compile(
    t,
    'libwork.so',
    ['-shared', '-fPIC', `-Wl,--version-script=${map}`],
    `__asm__(".symver work_old,work@V1"); __asm__(".symver work_new,work@@V2");
     ${FUNCTION} int work_old(int x) { return x + 1; } ${FUNCTION} int work_new(int x) { return x + 2; }`,
  );
  if (library === undefined) return;
  const program = compile(t, 'main', [library, `-Wl,-rpath,${folder}`], MAIN);
  if (program === undefined) return;
  each(hits(library, 'work', program), 10);
  each(hits(library, 'work@V2', program), 10);
  each(hits(library, 'work@@V2', program), 10);
  each(hits(library, 'work@V1', program), 0);
});

test('of several static functions none is chosen', needsRoot(), (t) => {
  const source = (name: string, step: number): string =>
    `static ${FUNCTION} int init(int x) { __asm__ volatile(""); return x + ${step}; } int ${name}(int x) { return init(x); }`;
  const path = compile(t, 'twice', [], source('other', 1), source('work', 2), MAIN);
  if (path === undefined) return;
  assert.throws(() => hits(path, 'init', path), { code: 'ERR_BPF_AMBIGUOUS_SYMBOL' });
  each(hits(path, 'work', path), 10);
});

test('an indirect function is not taken for its resolver', needsRoot(), (t) => {
  const path = compile(
    t,
    'indirect',
    [],
    `static ${FUNCTION} int work_plain(int x) { __asm__ volatile(""); return x + 1; }
     static int (*resolve(void))(int) { return work_plain; }
     int work(int) __attribute__((ifunc("resolve")));`,
    MAIN,
  );
  if (path === undefined) return;
  assert.throws(() => hits(path, 'work', path), {
    code: 'ERR_BPF_INDIRECT_SYMBOL',
    message: /attach to that function, such as "work_plain"/,
  });
  each(hits(path, 'work_plain', path), 10);
});

test('a wrong section header does not move the probe', needsRoot(), (t) => {
  const path = compile(
    t,
    'plain',
    [],
    `${FUNCTION} int work(int x) { __asm__ volatile(""); return x + 1; }`,
    MAIN,
  );
  if (path === undefined) return;
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const { index = 0 } = ElfFile.parse(bytes).section('.text') ?? {};
  const header = Number(view.getBigUint64(40, true)) + 64 * index;
  view.setBigUint64(header + 24, view.getBigUint64(header + 24, true) + 0x1000n, true);
  const stale = join(folder, 'stale');
  writeFileSync(stale, bytes);
  chmodSync(stale, 0o755);
  each(hits(stale, 'work', stale), 10);
});

test('a function of a 32-bit program', needsRoot(), (t) => {
  if (process.arch !== 'x64') return t.skip('this kernel has no 32-bit programs like those of x86');
  const path = compile(
    t,
    'small',
    ['-m32', '-nostdlib', '-static', '-fno-pie', '-no-pie'],
    `${FUNCTION} int work(int x) { __asm__ volatile(""); return x + 1; }
     void _start(void) { int s = 0; for (int i = 0; i < 10; i++) s += work(i); __asm__ volatile("int $0x80" :: "a"(1), "b"(0)); }`,
  );
  if (path === undefined) return;
  each(hits(path, 'work', path), 10);
});

/** How often a probe on a function of this program runs: for this process, and for another one. */
function runsOf(attach: () => Link, count: () => number): { own: number; other: number } {
  using _link = attach();
  const before = count();
  assert.equal(typeof process.title, 'string');
  const own = count() - before;
  assert.equal(spawnSync(process.execPath, ['-p', 'process.title']).status, 0);
  return { own, other: count() - before - own };
}

const TITLE = 'uv_get_process_title';
const everywhere = { own: true, other: true };
const here = { own: true, other: false };
const PROCESSES = [
  [undefined, everywhere],
  [-1, everywhere],
  [0, here],
  [process.pid, here],
] as const;

test('processId means the same in both forms', needsRoot(), (t) => {
  using one = counter('kprobe');
  const path = process.execPath;
  const ran = ({ own, other }: { own: number; other: number }): object => ({
    own: own > 0,
    other: other > 0,
  });
  for (const [processId, expected] of PROCESSES) {
    const at = { path, function: TITLE, processId };
    assert.deepEqual(ran(runsOf(() => attachUprobe(one.program, at), one.count)), expected, `${processId}`);
  }
  for (const processId of [-2, 1.5, Number.NaN, 2 ** 31]) {
    const problem = {
      name: 'RangeError',
      message: `attachUprobe: processId must be the id of a process, 0 for this one or -1 for all, got ${processId}`,
    };
    assert.throws(() => attachUprobe(one.program, { path, function: TITLE, processId }), problem);
  }
  if (!skipUnlessSupported(t, haveAttachType('trace_uprobe_multi'), UPROBE_MULTI)) return;
  using several = counter('kprobe', { attachType: 'trace_uprobe_multi' });
  for (const [processId, expected] of PROCESSES) {
    const at = { path, places: [TITLE], processId };
    assert.deepEqual(
      ran(runsOf(() => attachUprobeMulti(several.program, at), several.count)),
      expected,
      `${processId} of several`,
    );
  }
  assert.throws(() => attachUprobeMulti(several.program, { path, places: [TITLE], processId: -2 }), {
    name: 'RangeError',
    message: /^attachUprobeMulti: processId must be .*, got -2$/,
  });
});
