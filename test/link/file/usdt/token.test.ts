// depends on: tokens
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { attachUsdt } from '../../../../src/link/index.ts';
import { runWithEachPermissionRemoved, runWithToken } from '../../../../src/testing/index.ts';
import { MADE_VALUES, writeMadeProgram } from './made-program.ts';
import { folder, needsX86, Watcher } from './support.ts';

const PERMISSIONS = {
  cmds: ['map_create', 'prog_load'],
  maps: ['array', 'hash'],
  progs: ['kprobe'],
  attachs: ['trace_uprobe_multi'],
} as const;
const at = { provider: 'made', name: 'probe', cookie: 3 };

test('under a token, one link attaches a program to all places of a probe', async (t) => {
  if (!needsX86(t)) return;
  await runWithEachPermissionRemoved(
    t,
    'under the smallest delegation',
    PERMISSIONS,
    () => {
      const path = join(folder, 'made');
      writeMadeProgram(path);
      using watcher = new Watcher('usdt');
      using _link = attachUsdt(watcher.plain, { ...at, path });
      assert.equal(spawnSync(path).status, MADE_VALUES.length);
      assert.deepEqual(
        watcher.take().map(({ values }) => values),
        MADE_VALUES,
      );
    },
    { capabilities: ['perfmon'] },
  );
  await runWithToken(
    t,
    'a program for perf events is loaded, and the error says what needs no capability',
    { ...PERMISSIONS, attachs: ['cgroup_inet_ingress'] },
    () => {
      const path = join(folder, 'made');
      writeMadeProgram(path);
      using watcher = new Watcher('usdt', 'perf events');
      assert.throws(() => attachUsdt(watcher.plain, { ...at, path }), {
        code: /EPERM|EACCES/,
        message:
          /programs loaded for trace_uprobe_multi, as SEC\("usdt"\) is since Linux 6\.6, need no capability to attach/,
      });
    },
    { capabilities: ['perfmon'] },
  );
});
