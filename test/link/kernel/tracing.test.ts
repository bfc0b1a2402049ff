// depends on: kernel
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { haveAttachType } from '../../../src/features/index.ts';
import {
  attachIterator,
  attachKprobe,
  attachKprobeMulti,
  attachPerfEvent,
  attachRawTracepoint,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUprobeMulti,
  type Link,
  readIterator,
} from '../../../src/link/index.ts';
import { kernelBtf } from '../../../src/sys/index.ts';
import { runWithToken, skipUnlessSupported } from '../../../src/testing/index.ts';
import { type Counter, counter, needsRoot, ownTracefs, tryTo } from '../support.ts';

/** Attaches. If this kernel cannot do it, skips the test with the reason. */
function attachOrSkip(t: { skip(reason: string): void }, attach: () => Link): Link | undefined {
  const link = tryTo(attach);
  if (typeof link !== 'string') return link;
  t.skip(link);
  return undefined;
}

function countOrSkip(t: { skip(reason: string): void }, make: () => Counter): Counter | undefined {
  const made = tryTo(make);
  if (typeof made !== 'string') return made;
  t.skip(made);
  return undefined;
}

function btfId(kind: 'func' | 'typedef', name: string): number {
  const types = kernelBtf();
  const id = [...types.idsByName(name)].find((each) => types.kindOf(each) === kind);
  assert.ok(id !== undefined, `kernel BTF has ${name}`);
  return id;
}

test('a tracepoint runs the program on all CPUs, until the link is closed', needsRoot(), () => {
  using tracefs = ownTracefs();
  const { folder } = tracefs;
  using runs = counter('tracepoint');
  const at = { category: 'sched', name: 'sched_process_exec' } as const;
  const link = attachTracepoint(runs.program, { ...at, tracefs: folder });
  spawnSync('true');
  const seen = runs.count();
  assert.ok(seen >= 1);
  const info = link.info();
  assert.ok(info.type === 'perf_event');
  assert.equal(info.programId, runs.program.info().id);
  // The kernel gives names since Linux 6.6.
  if (info.event !== undefined) {
    assert.deepEqual([info.event, info.name], ['tracepoint', 'sched_process_exec']);
  }
  assert.throws(() => link.update(runs.program), { code: /EINVAL|EOPNOTSUPP|EPERM/ });
  link.close();
  const after = runs.count();
  spawnSync('true');
  assert.equal(runs.count(), after);
  assert.throws(() => attachTracepoint(runs.program, { ...at, name: 'nothing', tracefs: folder }), {
    code: 'ENOENT',
    message:
      /Cannot attach program "counter" \(tracepoint\) to tracepoint sched\/nothing: ENOENT: the kernel has no/,
  });
  assert.throws(() => attachTracepoint(runs.program, { category: '..', name: 'a/b' }), TypeError);
});

/** Attaches where no tracefs is mounted, and prints the error. */
const WITHOUT_TRACEFS = `
const [link, support] = await Promise.all(process.argv.slice(1).map((url) => import(url)));
const { program } = support.counter('tracepoint');
try {
  link.attachTracepoint(program, { category: 'sched', name: 'sched_switch' });
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }));
}`;

test('without tracefs a tracepoint cannot be found, and the error says so', needsRoot(), () => {
  const modules = ['../../../src/link/index.js', '../support.js'].map(
    (path) => new URL(path, import.meta.url).href,
  );
  const script = 'umount -l -a -t tracefs,debugfs; exec "$0" --input-type=module -e "$@"';
  const command = ['-m', 'sh', '-c', script, process.execPath, WITHOUT_TRACEFS, ...modules];
  const { stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8' });
  assert.ok(stdout !== '', stderr);
  const { code, message } = JSON.parse(stdout) as { code: string; message: string };
  assert.equal(code, 'ERR_BPF_NO_TRACEFS');
  assert.equal(
    message,
    'Cannot attach program "counter" (tracepoint) to tracepoint sched/sched_switch: its number is in tracefs, ' +
      'which is not mounted: mount -t tracefs tracefs /sys/kernel/tracing',
  );
});

test('a raw tracepoint', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  using link = attachRawTracepoint(runs.program, { name: 'sched_process_exec' });
  spawnSync('true');
  assert.ok(runs.count() >= 1);
  const info = link.info();
  assert.ok(info.type === 'raw_tracepoint');
  assert.equal(info.tracepoint, 'sched_process_exec');
  assert.throws(() => attachRawTracepoint(runs.program, { name: 'sched:nothing' }), {
    code: 'ENOENT',
    message: /to raw tracepoint sched:nothing: ENOENT: the kernel has no such tracepoint/,
  });
});

test('under a token, raw tracepoints work and what takes more says what', async (t) => {
  await runWithToken(
    t,
    'with CAP_PERFMON',
    'any',
    () => {
      using raw = counter('raw_tracepoint');
      using _link = attachRawTracepoint(raw.program, { name: 'sys_enter' });
      spawnSync('true');
      assert.ok(raw.count() >= 1);
      using probe = counter('kprobe');
      const at = { path: process.execPath, function: 'uv_get_process_title', processId: process.pid };
      assert.throws(() => attachUprobe(probe.program, at), {
        code: /EPERM|EACCES/,
        message:
          /this needs CAP_SYS_ADMIN in the initial user namespace; a BPF token does not help: .*attachUprobeMulti/,
      });
    },
    { capabilities: ['perfmon'] },
  );
});

test('a tracepoint with typed arguments', needsRoot(), () => {
  const attachBtfId = btfId('typedef', 'btf_trace_sched_process_exec');
  using runs = counter('tracing', { attachType: 'trace_raw_tp', attachBtfId });
  using link = attachTracing(runs.program);
  spawnSync('true');
  assert.ok(runs.count() >= 1);
  const info = link.info();
  assert.ok(info.type === 'raw_tracepoint');
  assert.equal(info.tracepoint, 'sched_process_exec');
});

for (const attachType of ['trace_fentry', 'trace_fexit'] as const) {
  test(`${attachType} of a kernel function`, needsRoot(), (t) => {
    const attachBtfId = btfId('func', 'do_nanosleep');
    using runs = countOrSkip(t, () => counter('tracing', { attachType, attachBtfId }));
    if (runs === undefined) return;
    using link = attachOrSkip(t, () => attachTracing(runs.program));
    if (link === undefined) return;
    spawnSync('sleep', ['0.01']);
    assert.ok(runs.count() >= 1);
    const info = link.info();
    assert.ok(info.type === 'tracing');
    assert.equal(info.attachType, attachType);
  });
}

test('an iterator writes what is read', needsRoot(), () => {
  const attachBtfId = btfId('func', 'bpf_iter_bpf_map');
  using runs = counter('tracing', { attachType: 'trace_iter', attachBtfId });
  using link = attachIterator(runs.program);
  const info = link.info();
  assert.ok(info.type === 'iter');
  assert.equal(info.target, 'bpf_map');
  assert.equal(readIterator(link).length, 0);
  assert.ok(runs.count() >= 1, 'it was called for each map');
  assert.throws(() => attachTracing(runs.program), /must be attached with attachIterator/);
});

test('a perf event of the own process', needsRoot(), (t) => {
  using runs = counter('perf_event');
  const link = attachOrSkip(t, () =>
    attachPerfEvent(runs.program, { event: 'cpu_clock', period: 100_000, processId: 0 }),
  );
  if (link === undefined) return;
  // Works until the clock has advanced far enough.
  for (let n = 0; runs.count() === 0; n++) Math.sqrt(n);
  link.close();
  assert.throws(() => attachPerfEvent(runs.program, { event: 'cpu_clock' }), /give processId or cpu/);
  assert.throws(
    () => attachPerfEvent(runs.program, { event: 'cpu_clok' as 'cpu_clock', cpu: 0 }),
    /did you mean/,
  );
});

test('a uprobe by the symbol of a function', needsRoot(), (t) => {
  using runs = counter('kprobe');
  const at = { path: process.execPath, function: 'uv_get_process_title', processId: process.pid };
  using link = attachOrSkip(t, () => attachUprobe(runs.program, at));
  if (link === undefined) return;
  assert.equal(typeof process.title, 'string');
  const atStart = runs.count();
  assert.ok(atStart >= 1);
  link.close();
  using atReturn = attachUprobe(runs.program, { ...at, return: true });
  assert.equal(typeof process.title, 'string');
  assert.ok(runs.count() > atStart);
  atReturn.close();
  assert.throws(() => attachUprobe(runs.program, { ...at, function: 'uv_get_process_titel' }), {
    code: 'ERR_BPF_NO_SYMBOL',
    message: /Cannot find function "uv_get_process_titel" in /,
  });
  assert.throws(() => attachUprobe(runs.program, { path: '/nowhere', offset: 64 }), { code: 'ENOENT' });
});

const UPROBE_MULTI = {
  feature: 'a link to several places of a program',
  since: '6.6',
  config: 'CONFIG_UPROBE_EVENTS',
};

test('several functions of a program at once', needsRoot(), (t) => {
  if (!skipUnlessSupported(t, haveAttachType('trace_uprobe_multi'), UPROBE_MULTI)) return;
  using runs = counter('kprobe', { attachType: 'trace_uprobe_multi' });
  const places = ['uv_get_process_title', 'uv_set_process_title'];
  const at = { path: process.execPath, places, processId: process.pid, cookies: [1n, 2n] };
  using _link = attachUprobeMulti(runs.program, at);
  process.title = String(process.title);
  assert.ok(runs.count() >= 2);
  assert.throws(() => attachUprobeMulti(runs.program, { ...at, cookies: [1n] }), RangeError);
});

test('a kprobe', needsRoot(), (t) => {
  using runs = counter('kprobe');
  using link = attachOrSkip(t, () => attachKprobe(runs.program, { function: 'do_nanosleep' }));
  if (link === undefined) return;
  spawnSync('sleep', ['0.01']);
  assert.ok(runs.count() >= 1);
  using atReturn = attachKprobe(runs.program, { function: 'do_nanosleep', return: true });
  const before = runs.count();
  spawnSync('sleep', ['0.01']);
  assert.ok(runs.count() >= before + 2);
  assert.equal(atReturn.type, 'perf_event');
  assert.throws(() => attachKprobe(runs.program, { function: 'no_such_function' }), {
    message: /kernel function no_such_function: \w+: the kernel has no such function/,
  });
});

const KPROBE_MULTI = {
  feature: 'a link to several kernel functions',
  since: '5.18',
  config: 'CONFIG_FPROBE',
};

test('several kernel functions at once', needsRoot(), (t) => {
  if (!skipUnlessSupported(t, haveAttachType('trace_kprobe_multi'), KPROBE_MULTI)) return;
  using runs = counter('kprobe', { attachType: 'trace_kprobe_multi' });
  // One of them calls the other.
  const functions = ['do_nanosleep', 'hrtimer_nanosleep'];
  const nap = (): void => void spawnSync('sleep', ['0.01']);
  const link = attachKprobeMulti(runs.program, { functions, cookies: [1n, 2n] });
  nap();
  const atStart = runs.count();
  assert.ok(atStart >= 2);
  const info = link.info();
  assert.equal(info.type, 'kprobe_multi');
  // The kernel gives these facts since Linux 6.6.
  if (info.type === 'kprobe_multi' && info.count !== 0) assert.equal(info.count, 2);
  link.close();
  nap();
  assert.equal(runs.count(), atStart);
  using _atReturn = attachKprobeMulti(runs.program, { functions, return: true });
  nap();
  assert.ok(runs.count() >= atStart + 2);
  const problem = {
    code: 'ESRCH',
    message:
      /to kernel functions do_nanosleep, no_such_function: ESRCH: one of them does not exist or cannot be traced/,
  };
  const wrong = { functions: ['do_nanosleep', 'no_such_function'] };
  assert.throws(() => attachKprobeMulti(runs.program, wrong), problem);
});
