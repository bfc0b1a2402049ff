// depends on: kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exit, mov, r0 } from '../../../src/asm/index.ts';
import { type AttachOptions, attach } from '../../../src/link/index.ts';
import { Program, type ProgramOptions } from '../../../src/program/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { needsRoot, ownTracefs } from '../support.ts';

/** Does nothing. */
function load(options: Omit<ProgramOptions, 'instructions'>): Program {
  return Program.loadSync({
    license: 'GPL',
    name: 'nothing',
    instructions: [mov(r0, 0), exit()],
    ...options,
  });
}

test('a program knows its section, and is attached by it', needsRoot(), () => {
  using program = load({ type: 'raw_tracepoint', section: 'raw_tp/sched_process_exec' });
  assert.equal(program.section, 'raw_tp/sched_process_exec');
  assert.equal(program.attachTo, 'sched_process_exec');
  using link = attach(program);
  const info = link.info();
  assert.ok(info.type === 'raw_tracepoint');
  assert.deepEqual([info.tracepoint, info.programId], ['sched_process_exec', program.info().id]);
});

test('options win over the section', needsRoot(), () => {
  using program = load({ type: 'raw_tracepoint', section: 'raw_tp/sched_process_exec' });
  using link = attach(program, { name: 'sched_process_exit' });
  const info = link.info();
  assert.ok(info.type === 'raw_tracepoint');
  assert.equal(info.tracepoint, 'sched_process_exit');
});

test('without a section, the options say it all', needsRoot(), () => {
  using tracefs = ownTracefs();
  using program = load({ type: 'tracepoint' });
  assert.equal(program.section, undefined);
  assert.equal(program.attachTo, undefined);
  using link = attach(program, { category: 'sched', name: 'sched_switch', tracefs: tracefs.folder });
  assert.equal(link.type, 'perf_event');
});

const refused: readonly (readonly [
  program: Omit<ProgramOptions, 'instructions'>,
  options: AttachOptions,
  message: RegExp,
])[] = [
  [
    { type: 'tracepoint' },
    {},
    /^attach: program "nothing" \(tracepoint\): no option says where: give category and name$/,
  ],
  [
    { type: 'tracepoint', section: 'tp/sched_switch' },
    {},
    /^attach: program "nothing" \(tracepoint\) of SEC\("tp\/sched_switch"\): a tracepoint is written CATEGORY\/NAME, such as sched\/sched_switch, not "sched_switch"$/,
  ],
  [
    { type: 'xdp', attachType: 'xdp', section: 'xdp' },
    { iface: 'lo' } as AttachOptions,
    /^attach: program "nothing" \(xdp\): no option says where: give interface \(given: iface\)$/,
  ],
  [{ type: 'xdp', attachType: 'xdp_devmap' }, {}, /runs for the entries of a devmap that name it/],
  [{ type: 'kprobe' }, {}, /use attachKprobe, attachUprobe or the like$/],
  [{ type: 'syscall', flags: ['sleepable'] }, {}, /it is run with testRun, not attached$/],
  [{ type: 'perf_event' }, { cpu: 0 }, /give event \(given: cpu\)$/],
];

for (const [program, options, message] of refused) {
  test(`refused: ${program.section ?? program.attachType ?? program.type}`, needsRoot(), () => {
    using loaded = load(program);
    assert.throws(() => attach(loaded, options), { name: 'TypeError', message });
  });
}

test('what is no program is refused', () => {
  assert.throws(() => attach({} as Program), {
    name: 'TypeError',
    message: 'attach: program must be a Program, got an object',
  });
});

test('a forgotten link is closed by the collector, one that is kept is not', needsRoot(), async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const options = { type: 'raw_tracepoint', section: 'raw_tp/sched_process_exec' } as const;
  // Kernels before 6.2 do not attach a program to one place twice.
  using program = load(options);
  using other = load(options);
  const before = openDescriptors().length;
  const kept = new WeakRef(attach(program).keep());
  (() => void attach(other))();
  for (let tries = 0; tries < 100 && openDescriptors().length > before + 1; tries++) {
    collect();
    await setImmediate();
  }
  assert.equal(openDescriptors().length, before + 1);
  assert.equal(kept.deref()?.closed, false);
  kept.deref()?.close();
});

test('under a token', async (t) => {
  await runWithToken(
    t,
    'a raw tracepoint is attached by its section',
    { cmds: ['prog_load'], progs: ['raw_tracepoint'], attachs: ['cgroup_inet_ingress'] },
    () => {
      using program = load({ type: 'raw_tracepoint', section: 'raw_tp/sched_process_exec' });
      using link = attach(program);
      spawnSync('true');
      assert.equal(link.type, 'raw_tracepoint');
    },
    { capabilities: ['perfmon'] },
  );
});
