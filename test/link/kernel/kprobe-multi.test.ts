// depends on: kernel
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { haveAttachType } from '../../../src/features/index.ts';
import { attachKprobeMulti, type KprobeMultiOptions } from '../../../src/link/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithToken, skipUnlessSupported } from '../../../src/testing/index.ts';
import { counter, needsRoot, ownTracefs, tryTo } from '../support.ts';

const MULTI = { feature: 'a link to several kernel functions', since: '5.18', config: 'CONFIG_FPROBE' };
const SESSION = { feature: 'a session of a kernel function', since: '6.10', config: 'CONFIG_FPROBE' };

const readFile = (): void => void readFileSync('/proc/self/comm');

function supported(t: TestContext): boolean {
  return skipUnlessSupported(t, haveAttachType('trace_kprobe_multi'), MULTI);
}

test('all functions that match a pattern', needsRoot(), (t) => {
  using runs = counter('kprobe', { attachType: 'trace_kprobe_multi' });
  if (!supported(t)) return;
  using tracefs = ownTracefs();
  const before = openDescriptors().length;
  const link = attachKprobeMulti(runs.program, { pattern: 'vfs_*', tracefs: tracefs.folder });
  readFile();
  const atStart = runs.count();
  assert.ok(atStart >= 2, 'vfs_open and vfs_read');
  const info = link.info();
  // The kernel gives these facts since Linux 6.6.
  if (info.type === 'kprobe_multi' && info.count !== 0) assert.ok(info.count > 20);
  link.close();
  assert.equal(openDescriptors().length, before);
  using _ = attachKprobeMulti(runs.program, { pattern: 'vfs_rea?', return: true, tracefs: tracefs.folder });
  readFile();
  assert.ok(runs.count() >= atStart + 1);
});

test('a pattern where no tracefs can be read', needsRoot(), (t) => {
  using runs = counter('kprobe', { attachType: 'trace_kprobe_multi' });
  if (!supported(t)) return;
  using _ = attachKprobeMulti(runs.program, { pattern: 'vfs_rea?', tracefs: '/nowhere' });
  readFile();
  assert.ok(runs.count() >= 1);
});

test('functions that are not there are named', needsRoot(), (t) => {
  using runs = counter('kprobe', { attachType: 'trace_kprobe_multi' });
  if (!supported(t)) return;
  assert.throws(() => attachKprobeMulti(runs.program, { functions: ['vfs_read', 'no_such_function'] }), {
    code: 'ESRCH',
    message:
      /ESRCH: one of them does not exist or cannot be traced: .*; \/proc\/kallsyms has no no_such_function$/,
  });
});

test('a session runs at the start and at the return', needsRoot(), (t) => {
  if (!skipUnlessSupported(t, haveAttachType('trace_kprobe_session'), SESSION)) return;
  using runs = counter('kprobe', { attachType: 'trace_kprobe_session' });
  using entries = counter('kprobe', { attachType: 'trace_kprobe_multi' });
  using link = attachKprobeMulti(runs.program, { functions: ['vfs_rmdir'] });
  assert.equal(link.type, 'kprobe_multi');
  using _ = attachKprobeMulti(entries.program, { functions: ['vfs_rmdir'] });
  rmdirSync(mkdtempSync(join(tmpdir(), 'ebpf-ts-session-')));
  assert.ok(entries.count() >= 1);
  assert.equal(runs.count(), 2 * entries.count());
  assert.throws(
    () => attachKprobeMulti(runs.program, { functions: ['vfs_rmdir'], return: true }),
    /is a session, which runs at the return anyway$/,
  );
});

test('wrong options are refused before the kernel is asked', needsRoot(), (t) => {
  const program = tryTo(() => counter('kprobe', { attachType: 'trace_kprobe_multi' }));
  if (typeof program === 'string') return t.skip(program);
  using runs = program;
  const wrong: [object, RegExp][] = [
    [{}, /^attachKprobeMulti: give at least one function$/],
    [{ functions: [] }, /^attachKprobeMulti: give at least one function$/],
    [{ functions: 'vfs_read' }, /functions must be an array/],
    [{ functions: ['a'], pattern: 'b' }, /give functions or pattern, not both/],
    [{ pattern: 'a b' }, /pattern must be the name of a function/],
    [{ pattern: 3 }, /pattern must be a string/],
    [{ pattern: 'vfs_*', cookies: [1] }, /cookies belong to functions/],
    [{ functions: ['a'], cookies: [1, 2] }, /2 cookies for 1 places/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => attachKprobeMulti(runs.program, options as KprobeMultiOptions),
      (error: Error) => message.test(error.message),
      `${message}`,
    );
  }
});

test('under a token', async (t) => {
  if (!supported(t)) return;
  await runWithToken(
    t,
    'functions by name and by pattern',
    {
      cmds: ['prog_load', 'map_create'],
      maps: ['array'],
      progs: ['kprobe'],
      attachs: ['trace_kprobe_multi'],
    },
    () => {
      using runs = counter('kprobe', { attachType: 'trace_kprobe_multi' });
      {
        using _ = attachKprobeMulti(runs.program, { functions: ['vfs_read'] });
        readFile();
        assert.ok(runs.count() >= 1);
      }
      const before = runs.count();
      using _ = attachKprobeMulti(runs.program, { pattern: 'vfs_rea*' });
      readFile();
      assert.ok(runs.count() > before);
    },
    { capabilities: ['perfmon'] },
  );
});
