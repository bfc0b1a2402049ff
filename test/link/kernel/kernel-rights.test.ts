// depends on: kernel
/** Which rights it takes to attach to functions and events of the kernel, as docs/links.md says: these and no others. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { haveAttachType } from '../../../src/features/index.ts';
import {
  attachIterator,
  attachKprobeMulti,
  attachKsyscall,
  attachPerfEvent,
  attachTracingMulti,
  type Link,
} from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { type Capability, perfEventParanoid } from '../../../src/sys/index.ts';
import { type Requirement, skipUnlessSupported } from '../../../src/testing/index.ts';
import { withOnly } from '../../features/privileges.ts';
import { iterator } from '../iterator/iterator-support.ts';
import { counter, needsRoot, tryTo } from '../support.ts';

type Counted = Parameters<typeof counter>;

/** `fine`, or why it is refused. */
function outcome(rights: readonly Capability[], attach: () => Link): string {
  const tried = tryTo(() => withOnly(rights, attach));
  if (typeof tried === 'string') return tried;
  tried.close();
  return 'fine';
}

const FREE: readonly {
  readonly name: string;
  readonly program: Counted;
  readonly run: (program: Program) => Link;
  readonly needs: Requirement;
}[] = [
  {
    name: 'attachKprobeMulti with a pattern',
    program: ['kprobe', { attachType: 'trace_kprobe_multi' }],
    run: (program) => attachKprobeMulti(program, { pattern: 'vfs_rea?' }),
    needs: { feature: 'a link to several kernel functions', since: '5.18', config: 'CONFIG_FPROBE' },
  },
  {
    name: 'attachKprobeMulti with a session',
    program: ['kprobe', { attachType: 'trace_kprobe_session' }],
    run: (program) => attachKprobeMulti(program, { functions: ['vfs_read'] }),
    needs: { feature: 'a session of a kernel function', since: '6.10', config: 'CONFIG_FPROBE' },
  },
  {
    name: 'attachTracingMulti',
    program: ['tracing', { attachType: 'trace_fentry_multi' }],
    run: (program) => attachTracingMulti(program, { functions: ['vfs_read'] }),
    needs: { feature: 'a tracing link to several kernel functions', since: '7.2' },
  },
];

for (const { name, program, run, needs } of FREE) {
  test(`${name} takes no right`, needsRoot(), (t) => {
    const [, { attachType = 'trace_iter' } = {}] = program;
    if (!skipUnlessSupported(t, haveAttachType(attachType), needs)) return;
    using runs = counter(...program);
    assert.equal(
      outcome([], () => run(runs.program)),
      'fine',
    );
  });
}

test('attachIterator for a process takes no right', needsRoot(), (t) => {
  using tasks = iterator('task', []);
  const all = outcome(['sys_admin'], () => attachIterator(tasks, { processId: 0 }));
  if (all !== 'fine') return t.skip(all);
  assert.equal(
    outcome([], () => attachIterator(tasks, { processId: 0 })),
    'fine',
  );
});

/** From this level of kernel.perf_event_paranoid on, which some kernels have, the right is another. */
const CLOSED = 3;

function checkPerf(t: TestContext, open: boolean, attach: () => Link): void {
  const paranoid = perfEventParanoid() ?? 0;
  const right = paranoid >= CLOSED ? 'sys_admin' : 'perfmon';
  const low = open && paranoid < 2;
  const fine = low
    ? 'everybody may open perf events here: kernel.perf_event_paranoid is low'
    : outcome([right], attach);
  if (fine !== 'fine') {
    t.skip(fine);
    return;
  }
  const missing = new RegExp(`this needs CAP_${right.toUpperCase()} .*which this process lacks`);
  assert.match(outcome([], attach), missing);
  assert.match(outcome(['net_admin', 'bpf'], attach), missing);
}

test('attachKsyscall', needsRoot(), (t) => {
  using runs = counter('kprobe');
  checkPerf(t, false, () => attachKsyscall(runs.program, { name: 'unlinkat' }));
});

test('attachPerfEvent on all CPUs', needsRoot(), (t) => {
  using runs = counter('perf_event');
  checkPerf(t, true, () => attachPerfEvent(runs.program, { event: 'cpu_clock', frequency: 1, cpu: 'all' }));
});
