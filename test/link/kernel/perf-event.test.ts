// depends on: kernel
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { attachPerfEvent, type Link, LinkGroup, type PerfEventOptions } from '../../../src/link/index.ts';
import { onlineCpus, openDescriptors, openDirectory, perfEventMaxRate } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { OWN_MACHINE } from '../../own-machine.ts';
import { type OwnCgroup, ownCgroup } from '../network/cgroup-support.ts';
import { counter, needsRoot, tryTo } from '../support.ts';

/** Attaches. If this kernel cannot do it, skips the test with the reason. */
function attachOrSkip(t: TestContext, attach: () => Link): Link | undefined {
  const link = tryTo(attach);
  if (typeof link !== 'string') return link;
  t.skip(link);
  return undefined;
}

/** Uses this CPU until the condition holds. */
function spin(until: () => boolean): void {
  const end = Date.now() + 10_000;
  while (!until()) assert.ok(Date.now() < end, 'the event came in ten seconds');
}

test('one call attaches on every CPU that is online, and closes all of them', needsRoot(), (t) => {
  using runs = counter('perf_event');
  const before = openDescriptors().length;
  const link = attachOrSkip(t, () =>
    attachPerfEvent(runs.program, { event: 'cpu_clock', frequency: 49, cpu: 'all' }),
  );
  if (link === undefined) return;
  assert.ok(link instanceof LinkGroup);
  assert.equal(link.links.length, onlineCpus().length);
  assert.equal(openDescriptors().length, before + link.links.length);
  assert.equal(link.info().type, 'perf_event');
  spin(() => runs.count() > 0);
  link.close();
  assert.equal(openDescriptors().length, before);
});

test('the type says that a group comes back for all CPUs', needsRoot(), (t) => {
  using runs = counter('perf_event');
  const tried = tryTo(() =>
    attachPerfEvent(runs.program, { event: 'cpu_clock', period: 1_000_000, cpu: 'all' }),
  );
  if (typeof tried === 'string') return t.skip(tried);
  using group: LinkGroup = tried;
  assert.ok(group.links.length >= 1);
});

test('when one CPU refuses, nothing stays', needsRoot(), () => {
  using runs = counter('perf_event');
  const before = openDescriptors().length;
  assert.throws(() => attachPerfEvent(runs.program, { event: { type: 0, config: 4242 }, cpu: 'all' }), {
    code: /ENOENT|EINVAL/,
    message: /to perf event 0\/4242 on CPU \d+: /,
  });
  assert.equal(openDescriptors().length, before);
});

/** Runs until it is told to stop, in a cgroup. */
async function busyIn(cgroup: string): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, ['-e', 'for (;;) Math.sqrt(2);'], { stdio: 'ignore' });
  await once(child, 'spawn');
  writeFileSync(join(cgroup, 'cgroup.procs'), String(child.pid));
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A cgroup for perf events. In a new machine no controller was enabled yet, and without that the kernel adds none. */
function perfCgroup(t: TestContext): OwnCgroup | undefined {
  if (!OWN_MACHINE) return ownCgroup(t);
  const first = ownCgroup(t);
  if (first === undefined) return undefined;
  first[Symbol.dispose]();
  writeFileSync(join(dirname(first.path), 'cgroup.subtree_control'), '+pids');
  return ownCgroup(t);
}

test('events of a cgroup: only its processes count', needsRoot(), async (t) => {
  using cgroup = perfCgroup(t);
  if (cgroup === undefined) return;
  using runs = counter('perf_event');
  const options = { event: 'task_clock', period: 1_000_000, cpu: 'all', cgroup: cgroup.path } as const;
  using link = attachOrSkip(t, () => attachPerfEvent(runs.program, options));
  if (link === undefined) return;
  for (let n = 0; n < 3; n++) spawnSync('true');
  assert.equal(runs.count(), 0, 'this process is in another cgroup');
  {
    await using _ = await busyIn(cgroup.path);
    spin(() => runs.count() > 0);
  }
  using folder = openDirectory(cgroup.path) as Exclude<ReturnType<typeof openDirectory>, number>;
  for (const place of [folder, folder.value]) {
    attachPerfEvent(runs.program, { ...options, cpu: onlineCpus()[0], cgroup: place }).close();
  }
});

test('what is no cgroup for perf events is refused with the reason', needsRoot(), (t) => {
  using cgroup = perfCgroup(t);
  if (cgroup === undefined) return;
  using runs = counter('perf_event');
  const before = openDescriptors().length;
  const at = (path: string) => () =>
    attachPerfEvent(runs.program, { event: 'cpu_clock', frequency: 10, cpu: 'all', cgroup: path });
  const supported = tryTo(at(cgroup.path));
  if (typeof supported === 'string') return t.skip(supported);
  supported.close();
  assert.throws(at('/proc'), {
    code: 'EBADF',
    message:
      /to perf event cpu_clock of cgroup \/proc on CPU \d+: EBADF: the folder is not a cgroup of the hierarchy/,
  });
  assert.throws(at('/nowhere'), {
    code: 'ENOENT',
    message: /of cgroup \/nowhere: ENOENT: the folder of the cgroup cannot be opened/,
  });
  assert.equal(openDescriptors().length, before);
});

test('numbers are enough, and wrong options are refused', needsRoot(), () => {
  using runs = counter('perf_event');
  const limit = perfEventMaxRate();
  assert.equal(limit, Number(readFileSync('/proc/sys/kernel/perf_event_max_sample_rate', 'utf8')));
  const wrong: [object, RegExp][] = [
    [{ cpu: 'al' }, /^attachPerfEvent: cpu must be a number or "all", got "al"$/],
    [{ cpu: 1n }, /^attachPerfEvent: cpu must be a number or "all", got 1n$/],
    [{ cpu: -2 }, /^attachPerfEvent: cpu must be the number of a CPU or -1 for all, got -2$/],
    [{ cgroup: '/', processId: 0 }, /^attachPerfEvent: give processId or cgroup, not both$/],
    [{ cgroup: '/' }, /^attachPerfEvent: give cpu: an event of a cgroup watches one CPU/],
    [{ cpu: 0, frequency: 49, period: 1 }, /give period or frequency, not both/],
    [{ cpu: 0, frequency: 0.5 }, /frequency must be a whole number/],
    [
      { cpu: 0, frequency: 1_000_000_000 },
      /the frequency is above kernel.perf_event_max_sample_rate, which is \d+ now/,
    ],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => attachPerfEvent(runs.program, { event: 'cpu_clock', ...options } as PerfEventOptions),
      (error: Error) => message.test(error.message),
      `${message}`,
    );
  }
});

test('under a token, perf events are refused and the error says why', async (t) => {
  // A program that was loaded for no attach type counts as one for the first: cgroup_inet_ingress.
  await runWithToken(
    t,
    'all CPUs',
    {
      cmds: ['prog_load', 'map_create'],
      maps: ['array'],
      progs: ['perf_event'],
      attachs: ['cgroup_inet_ingress'],
    },
    () => {
      using runs = counter('perf_event');
      const refused = tryTo(() =>
        attachPerfEvent(runs.program, { event: 'cpu_clock', frequency: 49, cpu: 'all' }),
      );
      // With kernel.perf_event_paranoid at 0 or below everybody may.
      if (typeof refused === 'string') {
        assert.match(refused, /this needs CAP_\w+ in the initial user namespace.*a BPF token does not help/);
      } else refused.close();
    },
    { capabilities: ['perfmon'] },
  );
});
