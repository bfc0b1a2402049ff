// depends on: kernel
/** Checks the row of attachUsdt in the table of docs/links.md. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { haveAttachType } from '../../../../src/features/index.ts';
import { attachUsdt, type Link } from '../../../../src/link/index.ts';
import { Program } from '../../../../src/program/index.ts';
import { kernelBtf } from '../../../../src/sys/index.ts';
import { skipUnlessSupported } from '../../../../src/testing/index.ts';
import { withOnly } from '../../../features/privileges.ts';
import { writeMadeProgram } from './made-program.ts';
import { folder, needsRoot, needsX86, ownBpffs, Watcher } from './support.ts';

const UPROBE_MULTI = {
  feature: 'a link to several places of a program',
  since: '6.6',
  config: 'CONFIG_UPROBE_EVENTS',
};

const at = { path: join(folder, 'made'), provider: 'made', name: 'probe' };

test('one link needs no right to attach', needsRoot(), (t) => {
  if (!needsX86(t)) return;
  if (!skipUnlessSupported(t, haveAttachType('trace_uprobe_multi'), UPROBE_MULTI)) return;
  writeMadeProgram(at.path);
  kernelBtf();
  using watcher = withOnly(['bpf', 'perfmon'], () => new Watcher('usdt'));
  withOnly([], () => attachUsdt(watcher.plain, at)).close();
});

test('a link for each place needs CAP_SYS_ADMIN', needsRoot(), (t) => {
  if (!needsX86(t)) return;
  writeMadeProgram(at.path);
  kernelBtf();
  using watcher = withOnly(['bpf', 'perfmon'], () => new Watcher('usdt', 'perf events'));
  withOnly(['bpf', 'sys_admin'], () => attachUsdt(watcher.plain, at)).close();
  assert.throws(() => withOnly(['bpf', 'perfmon'], () => attachUsdt(watcher.plain, at)), {
    code: /^(EACCES|EPERM)$/,
    message: /needs CAP_SYS_ADMIN .*programs loaded for trace_uprobe_multi/,
  });
});

test(
  'to look for the map of an opened program needs CAP_SYS_ADMIN, to be given it does not',
  needsRoot(),
  (t) => {
    if (!needsX86(t)) return;
    if (!skipUnlessSupported(t, haveAttachType('trace_uprobe_multi'), UPROBE_MULTI)) return;
    writeMadeProgram(at.path);
    using bpffs = ownBpffs();
    using watcher = new Watcher('usdt');
    const pin = join(bpffs.path, 'plain');
    watcher.plain.pin(pin);
    using opened = Program.fromPinned(pin);
    const attach = (options: object, ...rights: ('bpf' | 'sys_admin')[]): Link =>
      withOnly(rights, () => attachUsdt(opened, { ...at, ...options }));
    assert.throws(() => attach({}, 'bpf'), {
      code: 'EPERM',
      message:
        /^Cannot find the map __bpf_usdt_specs among the maps of program "plain" \(kprobe\): .*: give it in the option specs, or specs: 'none' if the program reads no arguments$/,
    });
    attach({}, 'sys_admin').close();
    attach({ specs: watcher.collection.map('__bpf_usdt_specs', 'array') }, 'bpf').close();
    attach({ specs: 'none' }, 'bpf').close();
  },
);
