// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachTracepoint } from '../../../src/link/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { counter, tryTo } from '../support.ts';

test('under a token, a refused tracepoint says which hook needs less, and the line to change', async (t) => {
  await runWithToken(
    t,
    'of the scheduler, of a system call, and one that is not there',
    {
      cmds: ['prog_load', 'map_create'],
      maps: ['array'],
      progs: ['tracepoint'],
      attachs: ['cgroup_inet_ingress'],
    },
    () => {
      const refused = (category: string, name: string, section?: string): string => {
        using runs = counter('tracepoint', { section });
        const tried = tryTo(() => attachTracepoint(runs.program, { category, name }));
        assert.ok(typeof tried === 'string', 'it is refused');
        return tried;
      };
      const way = 'raw tracepoints \\(attachRawTracepoint\\) need no capability to attach';
      assert.match(refused('sched', 'sched_switch'), new RegExp(`${way}$`));
      assert.match(
        refused('sched', 'sched_switch', 'tp/sched/sched_switch'),
        new RegExp(
          `${way}: write SEC\\("raw_tp/sched_switch"\\) or SEC\\("tp_btf/sched_switch"\\) instead of SEC\\("tp/sched/sched_switch"\\)$`,
        ),
      );
      assert.match(
        refused('syscalls', 'sys_enter_unlinkat', 'tracepoint/syscalls/sys_enter_unlinkat'),
        /write SEC\("raw_tp\/sys_enter"\) or SEC\("tp_btf\/sys_enter"\) instead of SEC\("tracepoint\/syscalls\/sys_enter_unlinkat"\), which runs for every system call: begin with "if \(ctx->args\[1\] != __NR_unlinkat\) return 0;"$/,
      );
      assert.match(
        refused('syscalls', 'sys_enter_newuname', 'tp/syscalls/sys_enter_newuname'),
        /__NR_uname\)/,
      );
      assert.match(
        refused('syscalls', 'sys_exit_read'),
        /: name "sys_exit", which runs for every system call: compare the number in the registers, ctx->args\[0\], with __NR_read$/,
      );
      assert.match(
        refused('sched', 'sched_nothing', 'tp/sched/sched_nothing'),
        new RegExp(`${way}$|no such tracepoint`),
      );
    },
    { capabilities: ['perfmon'] },
  );
});
