// depends on: kernel
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { attachPerfEvent, attachUprobe } from '../../src/link/index.ts';
import { onlineCpus } from '../../src/sys/index.ts';
import { type Outcomes, runCase } from './problem-cases.ts';
import { counter, needsRoot } from './support.ts';

/** Runs a case with its own folder. */
function run(t: TestContext, name: string): { outcomes: Outcomes; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-problems-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { outcomes: runCase(name, folder), folder };
}

test('XDP: modes, a busy interface, and a link that is attached to nothing any more', needsRoot(), (t) => {
  const { second = '', third = '', ...outcomes } = run(t, 'xdp').outcomes;
  const it = 'link of program "it" (xdp) to network interface lo';
  assert.deepEqual(outcomes, {
    cpumap:
      'BpfError EINVAL Cannot attach program "it" (xdp) to network interface lo: EINVAL: it was loaded for xdp_cpumap: load it for xdp',
    first: 'fine',
    'other type':
      `BpfError EINVAL Cannot update ${it} to program "it" (tracepoint): EINVAL: ` +
      'the program must have the same type as the attached one, and be loaded for the same attach type',
    detach: 'fine',
    update:
      `BpfError ENOLINK Cannot update ${it} to program "it" (xdp): ENOLINK: it is no longer attached: ` +
      'the network interface is gone, or the link was detached: attach the program again',
    'unknown option': 'TypeError undefined link.update: unknown option "expect" (did you mean "expected"?)',
  });
  assert.match(
    second,
    /EBUSY: an XDP program is attached there, and this program is already attached to an interface with this index, by link \d+: use or close that link$/,
  );
  assert.match(
    third,
    /EBUSY: an XDP program is attached there: close its link \(link \d+( or \d+)* is on an interface with this index\), or update that link to this program; if it has none/,
  );
});

test('an XDP program that was attached without a link', needsRoot(), (t) => {
  const { skip, busy = '', hardware } = run(t, 'netlink').outcomes;
  if (skip !== undefined) return t.skip(skip);
  // There may be links to other interfaces with the same index.
  assert.match(busy, /EBUSY: .*\(by "ip link" or bpftool\)[:,] detach it: ip link set dev lo xdp off$/);
  assert.equal(
    hardware,
    'BpfError EINVAL Cannot attach program "it" (xdp) to network interface va: EINVAL: mode "hardware" needs a program ' +
      'that was loaded for this device (interfaceIndex): use mode "driver" or "generic"',
  );
});

test('pins that cannot be made or opened', needsRoot(), (t) => {
  const { outcomes: all, folder } = run(t, 'pins');
  const { 'no bpffs': none = '', 'no folder': noFolder = '', outside = '', ...outcomes } = all;
  const bpf = join(folder, 'bpf');
  const it = {
    program: 'program "it"',
    map: 'map "it"',
    link: 'link of program "it" (xdp) to network interface lo',
  };
  const each = (name: string, code: string, path: string, why: string): Outcomes =>
    Object.fromEntries(
      Object.entries(it).map(([kind, what]) => [
        `${name} (${kind})`,
        `BpfError ${code} Cannot pin ${what} at ${path}: ${code}: ${why}`,
      ]),
    );
  // If a bpffs is mounted, the message names a path in it.
  const advice =
    /(mount -t bpf bpf \/sys\/fs\/bpf, and use a path in it|use a path in one, such as \/.*\/x)$/;
  const begins = (text: string, start: string): void => assert.equal(text.replace(advice, ''), start);
  begins(none, `BpfError EPERM Cannot pin ${it.program} at ${bpf}/x: EPERM: ${bpf} is not in a bpffs: `);
  begins(
    noFolder,
    `BpfError ENOENT Cannot pin ${it.program} at ${bpf}/a/x: ENOENT: there is no folder ${bpf}/a, and ${bpf} is not in a bpffs: `,
  );
  assert.match(
    outside,
    /ENOENT Cannot open link pinned at \/nope: ENOENT: \/ is not in a bpffs: use a path in one, such as \/.*\/nope$/,
  );
  const dot = 'a bpffs allows no dots in names: use "a_b" instead of "a.b"';
  assert.deepEqual(outcomes, {
    ...each('no parent', 'ENOENT', `${bpf}/a/b/x`, `there is no folder ${bpf}/a/b`),
    ...each('dot', 'EPERM', `${bpf}/a.b`, dot),
    pinned: 'fine',
    twice: `BpfError EEXIST Cannot pin ${it.program} at ${bpf}/x: EEXIST: the path already exists`,
    'below a pin': `BpfError ENOTDIR Cannot pin ${it.program} at ${bpf}/x/y: ENOTDIR: a part of the path is not a folder`,
    'open nothing': `BpfError ENOENT Cannot open link pinned at ${bpf}/none: ENOENT: nothing is pinned there`,
    'open without folder': `BpfError ENOENT Cannot open map pinned at ${bpf}/none/x: ENOENT: there is no folder ${bpf}/none`,
    'open a dot': `BpfError EPERM Cannot open program pinned at ${bpf}/a.b: EPERM: ${dot}`,
    'open a folder': `BpfError EACCES Cannot open link pinned at ${bpf}: EACCES: it is a folder`,
    'open another file': `BpfError EACCES Cannot open link pinned at ${process.execPath}: EACCES: it is not in a bpffs: nothing can be pinned there`,
  });
});

test('tracepoints that are not there, and one program twice', needsRoot(), (t) => {
  const { name = '', category = '', ...others } = run(t, 'tracepoints').outcomes;
  const cannot = 'Cannot attach program "it" (tracepoint) to tracepoint';
  assert.deepEqual(others, {
    once: 'fine',
    twice: `BpfError EEXIST ${cannot} sched/sched_process_exec: EEXIST: it is already attached there, by this process or another: load it again to attach it twice`,
    'another folder': `BpfError ENOENT ${cannot} sched/sched_process_exec: ENOENT: /etc is not a tracefs: it has no folder "events"`,
  });
  assert.match(
    name,
    /ENOENT: the kernel has no such tracepoint in .*\/events\/sched \(did you mean "sched_process_exec" or /,
  );
  assert.match(category, /ENOENT: the kernel has no tracepoints of category "shed" \(did you mean "sched"/);
});

test('without /proc, tracefs is found where it mostly is, or the option is named', needsRoot(), (t) => {
  const { none, ...others } = run(t, 'no-proc').outcomes;
  assert.deepEqual(others, { 'usual place': 'fine' });
  // tracefs may be mounted at the usual place anyway.
  if (none === 'fine') return;
  assert.equal(
    none,
    'BpfError ERR_BPF_NO_TRACEFS Cannot attach program "it" (tracepoint) to tracepoint sched/sched_process_exec: its ' +
      'number is in tracefs, which is not at /sys/kernel/tracing, and /proc/self/mountinfo, which says where it is, ' +
      'cannot be read: give its folder in the option tracefs',
  );
});

test('without /sys, it is not said that the kernel has no probes', needsRoot(), (t) => {
  const { outcomes } = run(t, 'no-sys');
  const problem = (target: string, kind: string): string =>
    `BpfError ERR_BPF_NO_SYSFS Cannot attach program "it" (kprobe) to ${target}: the type number of ${kind} events is not known: ` +
    `Cannot read /sys/bus/event_source/devices/${kind}/type: ENOENT: sysfs is not mounted at /sys: mount -t sysfs sysfs /sys`;
  assert.deepEqual(outcomes, {
    uprobe: problem(`0x40 in ${process.execPath}`, 'uprobe'),
    kprobe: problem('kernel function do_nanosleep', 'kprobe'),
    tracepoint: 'fine',
  });
});

test('a CPU that is not there', needsRoot(), () => {
  using runs = counter('perf_event', { name: 'it' });
  for (const cpu of [900, 100_000]) {
    assert.throws(() => attachPerfEvent(runs.program, { event: 'cpu_clock', cpu }), {
      message: /CPU \d+: (EINVAL|ENODEV): CPU (900|100000) does not exist: online are /,
    });
  }
  for (const cpu of [-2, 1.5, 2 ** 31]) {
    assert.throws(() => attachPerfEvent(runs.program, { event: 'cpu_clock', cpu }), {
      name: 'RangeError',
      message: `attachPerfEvent: cpu must be the number of a CPU or -1 for all, got ${cpu}`,
    });
  }
  const [cpu] = onlineCpus();
  attachPerfEvent(runs.program, { event: 'cpu_clock', frequency: 1n, cpu }).close();
});

test('places that no probe can be at', needsRoot(), () => {
  using runs = counter('kprobe', { name: 'it' });
  assert.throws(() => attachUprobe(runs.program, { path: process.execPath, offset: 2 ** 40 }), {
    message: /: EINVAL: offset 0x10000000000 is outside the file, which has \d+ bytes$/,
  });
  assert.throws(() => attachUprobe(runs.program, { path: tmpdir(), offset: 64 }), {
    message: `Cannot attach program "it" (kprobe) to 0x40 in ${tmpdir()}: EINVAL: ${tmpdir()} is not a regular file`,
  });
});
