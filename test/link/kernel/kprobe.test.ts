// depends on: kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  attachKprobe,
  attachKsyscall,
  type KprobeOptions,
  type KsyscallOptions,
} from '../../../src/link/index.ts';
import { syscallFunction } from '../../../src/link/kernel/syscall-function.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { counter, needsRoot, tryTo } from '../support.ts';

const nap = (): void => void spawnSync('sleep', ['0.01']);

/** Whether this kernel has kprobes. If not, skips the test with the reason. */
function haveKprobes(t: TestContext): boolean {
  using runs = counter('kprobe');
  const link = tryTo(() => attachKprobe(runs.program, { function: 'do_nanosleep' }));
  if (typeof link === 'string') t.skip(link);
  else link.close();
  return typeof link !== 'string';
}

test('a kprobe inside a function runs where an instruction starts', needsRoot(), (t) => {
  if (!haveKprobes(t)) return;
  using runs = counter('kprobe');
  // The first instruction is a call for tracing of five bytes, or of four, or a mark of four before it.
  const links = [];
  for (let offset = 1; offset < 12; offset++) {
    const link = tryTo(() => attachKprobe(runs.program, { function: 'do_nanosleep', offset }));
    if (typeof link !== 'string') links.push(link);
    else assert.match(link, /EILSEQ: no instruction starts at this offset|EINVAL/);
  }
  assert.ok(links.length > 0);
  nap();
  assert.ok(runs.count() >= 1);
  for (const link of links) link.close();
});

test('what is wrong with a function is said', needsRoot(), (t) => {
  using runs = counter('kprobe');
  const attach = (options: KprobeOptions) => () => attachKprobe(runs.program, options);
  const wrong: [object, RegExp][] = [
    [{ function: 'a:b', module: 'c' }, /the function "a:b" names a module, and module does too/],
    [{ function: 'a', module: 1 }, /module must be a string, got 1/],
    [{ function: 'a', module: '' }, /module must be a text/],
    [{ function: '' }, /function must be a text/],
    [{ function: 'a', offset: -1 }, /offset must be a whole number of bytes/],
    [{ function: 'a', offset: 1n }, /offset must be a number/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      attach(options as KprobeOptions),
      (error: Error) => message.test(error.message),
      `${message}`,
    );
  }
  if (!haveKprobes(t)) return;
  const before = openDescriptors().length;
  assert.throws(attach({ function: 'do_nanosleep', module: 'nfs' }), {
    message:
      /kernel function do_nanosleep of module nfs: \w+: module nfs is not loaded or has no such function: it is in the kernel itself$/,
  });
  assert.throws(attach({ function: 'nfs:do_nanosleep' }), { message: /: it is in the kernel itself$/ });
  assert.throws(attach({ function: 'no_such_function', offset: 4 }), {
    message: /kernel function no_such_function\+0x4: \w+: the kernel has no such function/,
  });
  assert.equal(openDescriptors().length, before);
});

test('the function of a system call is found by the call’s name', needsRoot(), () => {
  const found = syscallFunction('unlinkat');
  assert.match(found, /^(__\w+_)?sys_unlinkat$/);
  assert.throws(() => syscallFunction('unlinkatt'), {
    code: 'ERR_BPF_ATTACH_TARGET',
    message:
      /^Cannot find the function of system call "unlinkatt" in \/proc\/kallsyms: there is none called .*\(did you mean "unlinkat"/,
  });
});

test('a system call, at its start and at its return', needsRoot(), (t) => {
  using runs = counter('kprobe');
  assert.throws(() => attachKsyscall(runs.program, { name: '' }), TypeError);
  assert.throws(
    () => attachKsyscall(runs.program, { name: 'a', offset: 1 } as KsyscallOptions),
    /unknown option/,
  );
  if (!haveKprobes(t)) return;
  const call = (): void => {
    rmdirSync(mkdtempSync(join(tmpdir(), 'ebpf-ts-call-')));
  };
  using link = attachKsyscall(runs.program, { name: 'mkdir', cookie: 5 });
  const info = link.info();
  assert.ok(info.type === 'perf_event');
  if (info.event !== undefined) assert.match(info.name, /sys_mkdir$/);
  call();
  const before = runs.count();
  assert.ok(before >= 1);
  using _ = attachKsyscall(runs.program, { name: 'mkdir', return: true });
  call();
  assert.ok(runs.count() >= before + 2);
});

test('under a token, the refusal says which hook needs less, and the line to change', async (t) => {
  await runWithToken(
    t,
    'a kprobe and a system call',
    {
      cmds: ['prog_load', 'map_create'],
      maps: ['array'],
      progs: ['kprobe'],
      attachs: ['cgroup_inet_ingress'],
    },
    () => {
      using bare = counter('kprobe');
      const none = tryTo(() => attachKprobe(bare.program, { function: 'do_nanosleep' }));
      assert.ok(typeof none === 'string');
      if (/this kernel has no kprobes/.test(none)) return;
      assert.match(
        none,
        /CAP_\w+ in the initial user namespace.*: links to functions by name \(attachKprobeMulti\) need no capability to attach$/,
      );
      using entry = counter('kprobe', { section: 'kprobe/do_nanosleep' });
      const refused = tryTo(() => attachKprobe(entry.program, { function: 'do_nanosleep' }));
      assert.match(
        String(refused),
        /: write SEC\("kprobe\.multi\/do_nanosleep"\) or SEC\("fentry\/do_nanosleep"\) instead of SEC\("kprobe\/do_nanosleep"\)$/,
      );
      using call = counter('kprobe', { section: 'kretsyscall/unlinkat' });
      const refusedCall = tryTo(() => attachKsyscall(call.program, { name: 'unlinkat', return: true }));
      assert.match(
        String(refusedCall),
        /to return of system call unlinkat \(kernel function \w+sys_unlinkat\): .* or SEC\("fexit\/\w+sys_unlinkat"\) instead of SEC\("kretsyscall\/unlinkat"\)$/,
      );
    },
    { capabilities: ['perfmon'] },
  );
});
