// depends on: tokens
/** Under a token, one form of uprobes works, and the refusal of the other one names it. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { AttachType } from '../../../src/abi/index.ts';
import { exit, mov, r0 } from '../../../src/asm/index.ts';
import { attachUprobe, attachUprobeMulti } from '../../../src/link/index.ts';
import { Program } from '../../../src/program/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { counter } from '../support.ts';

const MULTI: AttachType = 'trace_uprobe_multi';
const DELEGATION = {
  cmds: ['map_create', 'prog_load'],
  maps: ['array'],
  progs: ['kprobe'],
  attachs: [MULTI],
} as const;

test('under a token', async (t) => {
  await runWithToken(
    t,
    'functions of files take nothing but the program',
    DELEGATION,
    () => {
      using runs = counter('kprobe', { attachType: MULTI });
      const path = basename(process.execPath);
      using _link = attachUprobeMulti(runs.program, { path, places: ['uv_get_process_title'], processId: 0 });
      assert.equal(typeof process.title, 'string');
      assert.ok(runs.count() >= 1);
    },
    { capabilities: ['perfmon'] },
  );
  await runWithToken(
    t,
    'the refusal of the older form names the section to write',
    // The kernel takes a load without an attach type for one with its first one.
    { ...DELEGATION, attachs: ['cgroup_inet_ingress'] },
    () => {
      const load = (section: string): Program =>
        Program.loadSync({ type: 'kprobe', license: 'GPL', section, instructions: [mov(r0, 0), exit()] });
      const path = process.execPath;
      const cases = [
        ['uprobe/node:main', 0, 'uprobe.multi/node:main'],
        ['uretprobe.s/node:main', 0, 'uretprobe.multi.s/node:main'],
        ['uprobe/node:main+4', 4, 'uprobe.multi'],
        ['uprobe', 0, 'uprobe.multi'],
      ] as const;
      for (const [section, offset, instead] of cases) {
        using program = load(section);
        assert.throws(() => attachUprobe(program, { path, function: 'uv_get_process_title', offset }), {
          code: /^(EPERM|EACCES)$/,
          message: new RegExp(
            `this needs CAP_SYS_ADMIN in the initial user namespace.*attachUprobeMulti.*: write SEC\\("${instead}"\\) instead of SEC\\("${section.replace('+', '\\+')}"\\)`,
          ),
        });
      }
    },
    { capabilities: ['perfmon'] },
  );
});
