// depends on: kernel
/**
 * Checks the table of docs/links.md: each kind is loaded and attached with exactly the rights that the table names. It
 * is refused if one of them is missing, whatever other rights there are.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { AttachType } from '../../src/abi/index.ts';
import { haveAttachType } from '../../src/features/index.ts';
import { functionOffsets } from '../../src/link/file/elf-function.ts';
import {
  attachCgroup,
  attachFlowDissector,
  attachIterator,
  attachKprobe,
  attachKprobeMulti,
  attachNetfilter,
  attachPerfEvent,
  attachRawTracepoint,
  attachSkLookup,
  attachTcx,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUprobeMulti,
  attachXdp,
  Link,
} from '../../src/link/index.ts';
import type { Program } from '../../src/program/index.ts';
import {
  type Capability,
  capabilityMask,
  getCapabilities,
  kernelBtf,
  openFile,
  perfEventParanoid,
  setCapabilities,
  setns,
} from '../../src/sys/index.ts';
import { type Requirement, skipUnlessSupported } from '../../src/testing/index.ts';
import { withOnly } from '../features/privileges.ts';
import { OWN_MACHINE } from '../own-machine.ts';
import { ownCgroup } from './network/cgroup-support.ts';
import { type Counter, counter, needsRoot, ownTracefs, tryTo } from './support.ts';

type Counted = Parameters<typeof counter>;

interface Kind {
  readonly name: string;
  readonly program: () => Counted;
  /** The capability that loading needs in addition to CAP_BPF. */
  readonly load?: Capability;
  /** The capability that attaching needs. */
  readonly attach?: Capability;
  readonly run: (program: Program) => Link;
  /** The attach type to ask for, if some kernels lack it. */
  readonly needs?: readonly [AttachType, Requirement];
}

function btfId(kind: 'func' | 'typedef', name: string): number {
  const types = kernelBtf();
  const id = [...types.idsByName(name)].find((each) => types.kindOf(each) === kind);
  assert.ok(id !== undefined, `kernel BTF has ${name}`);
  return id;
}

/** Runs `body` with all capabilities except these. */
function withAllBut<T>(names: readonly Capability[], body: () => T): T {
  const before = getCapabilities();
  setCapabilities({ ...before, effective: before.permitted & ~capabilityMask(names) });
  try {
    return body();
  } finally {
    setCapabilities(before);
  }
}

/** The code of the error, or `fine`. */
function outcome(run: () => { close(): void }): string {
  try {
    run().close();
    return 'fine';
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return code === undefined ? message : code;
  }
}

/** The capabilities to take away to be without one: CAP_SYS_ADMIN replaces any other, so it goes too. */
const without = (name: Capability): Capability[] => (name === 'sys_admin' ? [name] : [name, 'sys_admin']);

function checkLoad({ program, load }: Kind): void {
  const make = (): Counter => counter(...program());
  const right: Capability[] = load === undefined ? ['bpf'] : ['bpf', load];
  // BTF has been read before, without these limits. The maps of the program are made under them.
  assert.equal(
    outcome(() => withOnly(right, make)),
    'fine',
    `loads with ${right.join(' and ')}`,
  );
  for (const missing of right) {
    assert.match(
      outcome(() => withAllBut(without(missing), make)),
      /^(EPERM|EACCES|EINVAL)$/,
      `does not load without ${missing}`,
    );
  }
}

function checkAttach({ program, attach, run }: Kind): void {
  using loaded = counter(...program());
  const right = attach === undefined ? [] : [attach];
  assert.equal(
    outcome(() => withOnly(right, () => run(loaded.program))),
    'fine',
    `attaches with ${right.join() || 'nothing'}`,
  );
  if (attach === undefined) return;
  let message = '';
  const refused = outcome(() => {
    try {
      return withAllBut(without(attach), () => run(loaded.program));
    } catch (error) {
      ({ message } = error as Error);
      throw error;
    }
  });
  assert.match(refused, /^(EPERM|EACCES)$/, `does not attach without ${attach}`);
  assert.ok(message.includes(`CAP_${attach.toUpperCase()}`), message);
  assert.match(message, /this process lacks/);
}

const path = process.execPath;
let place: number | undefined;
/** The offset of a function of this program. It is looked up once. */
function titlePlace(): number {
  place ??= functionOffsets(path, ['uv_get_process_title'])[0] ?? 0;
  return place;
}

const NETWORK: readonly Kind[] = [
  {
    name: 'attachXdp',
    program: () => ['xdp', { result: 2 }],
    load: 'net_admin',
    run: (program) => attachXdp(program, { interface: 'lo' }),
  },
  {
    name: 'attachTcx',
    program: () => ['sched_cls'],
    load: 'net_admin',
    run: (program) => attachTcx(program, { interface: 'lo', direction: 'ingress' }),
    needs: ['tcx_ingress', { feature: 'a TCX link', since: '6.6' }],
  },
  {
    name: 'attachNetfilter',
    program: () => ['netfilter', { attachType: 'netfilter', result: 1 }],
    load: 'net_admin',
    run: (program) => attachNetfilter(program, { family: 'ipv4', hook: 'local_in', priority: -7 }),
    needs: ['netfilter', { feature: 'a netfilter link', since: '6.4' }],
  },
  {
    name: 'attachSkLookup',
    program: () => ['sk_lookup', { attachType: 'sk_lookup', result: 1 }],
    run: (program) => attachSkLookup(program),
  },
  {
    name: 'attachFlowDissector',
    program: () => ['flow_dissector', { attachType: 'flow_dissector' }],
    load: 'net_admin',
    run: (program) => attachFlowDissector(program),
  },
];

const TRACING: readonly Kind[] = [
  {
    name: 'attachRawTracepoint',
    program: () => ['raw_tracepoint'],
    load: 'perfmon',
    run: (program) => attachRawTracepoint(program, { name: 'sched_process_exec' }),
  },
  {
    name: 'attachTracing, a tracepoint',
    program: () => [
      'tracing',
      { attachType: 'trace_raw_tp', attachBtfId: btfId('typedef', 'btf_trace_sched_process_exec') },
    ],
    load: 'perfmon',
    run: (program) => attachTracing(program),
  },
  {
    name: 'attachTracing, a function',
    program: () => ['tracing', { attachType: 'trace_fentry', attachBtfId: btfId('func', 'do_nanosleep') }],
    load: 'perfmon',
    run: (program) => attachTracing(program),
  },
  {
    name: 'attachTracing, an LSM hook',
    program: () => ['lsm', { attachType: 'lsm_mac', attachBtfId: btfId('func', 'bpf_lsm_file_open') }],
    load: 'perfmon',
    run: (program) => attachTracing(program),
  },
  {
    name: 'attachIterator',
    program: () => ['tracing', { attachType: 'trace_iter', attachBtfId: btfId('func', 'bpf_iter_bpf_map') }],
    load: 'perfmon',
    run: (program) => attachIterator(program),
  },
  {
    name: 'attachKprobeMulti',
    program: () => ['kprobe', { attachType: 'trace_kprobe_multi' }],
    load: 'perfmon',
    run: (program) => attachKprobeMulti(program, { functions: ['do_nanosleep'] }),
    needs: [
      'trace_kprobe_multi',
      { feature: 'a link to several kernel functions', since: '5.18', config: 'CONFIG_FPROBE' },
    ],
  },
  {
    name: 'attachUprobeMulti',
    program: () => ['kprobe', { attachType: 'trace_uprobe_multi' }],
    load: 'perfmon',
    run: (program) => attachUprobeMulti(program, { path, places: [titlePlace()] }),
    needs: [
      'trace_uprobe_multi',
      { feature: 'a link to several places of a program', since: '6.6', config: 'CONFIG_UPROBE_EVENTS' },
    ],
  },
  {
    name: 'attachUprobe',
    program: () => ['kprobe'],
    load: 'perfmon',
    attach: 'sys_admin',
    run: (program) => attachUprobe(program, { path, offset: titlePlace() }),
  },
];

/** The kinds whose rights depend on the setting kernel.perf_event_paranoid. */
const PERF: readonly ((tracefs: string) => Kind)[] = [
  (tracefs) => ({
    name: 'attachTracepoint',
    program: () => ['tracepoint'],
    load: 'perfmon',
    run: (program) => attachTracepoint(program, { category: 'sched', name: 'sched_process_exec', tracefs }),
  }),
  () => ({
    name: 'attachKprobe',
    program: () => ['kprobe'],
    load: 'perfmon',
    run: (program) => attachKprobe(program, { function: 'do_nanosleep' }),
  }),
  () => ({
    name: 'attachPerfEvent, a CPU',
    program: () => ['perf_event'],
    load: 'perfmon',
    run: (program) => attachPerfEvent(program, { event: 'cpu_clock', frequency: 1n, cpu: 0 }),
  }),
  () => ({
    name: 'attachPerfEvent, this thread',
    program: () => ['perf_event'],
    load: 'perfmon',
    run: (program) => attachPerfEvent(program, { event: 'cpu_clock', frequency: 1n, processId: 0 }),
  }),
];

/** Tests a kind. Skips it if it does not work with all rights either. */
function check(t: TestContext, kind: Kind): void {
  const { needs, program, run } = kind;
  if (needs !== undefined && !skipUnlessSupported(t, haveAttachType(needs[0]), needs[1])) return;
  const tried = tryTo(() => {
    using loaded = counter(...program());
    run(loaded.program).close();
  });
  if (typeof tried === 'string') {
    t.skip(tried);
    return;
  }
  checkLoad(kind);
  checkAttach(kind);
}

for (const kind of TRACING) test(kind.name, needsRoot(), (t) => check(t, kind));

test('in a network namespace', needsRoot(), async (t) => {
  // The thread enters the namespace, which ends with the process that made it.
  const maker = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  maker.stdin.write('ready');
  await once(maker.stdout, 'data');
  const opened = openFile(`/proc/${maker.pid}/ns/net`, 'namespace');
  const own = openFile('/proc/self/ns/net', 'own namespace');
  maker.stdin.end();
  await once(maker, 'close');
  assert.ok(typeof opened !== 'number' && typeof own !== 'number');
  try {
    for (const kind of NETWORK) {
      await t.test(kind.name, (sub) => {
        setns(opened);
        try {
          check(sub, kind);
        } finally {
          setns(own);
        }
      });
    }
  } finally {
    opened.close();
    own.close();
  }
});

test('attachCgroup', needsRoot(), (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  const run = (program: Program): Link => attachCgroup(program, { cgroup: cgroup.path });
  const result = 1;
  // For this type only, the kernel checks the right when the program is attached.
  check(t, {
    name: 'cgroup_skb',
    program: () => ['cgroup_skb', { attachType: 'cgroup_inet_egress', result }],
    attach: 'net_admin',
    run,
  });
  const others = {
    cgroup_sock_addr: 'cgroup_inet4_connect',
    cgroup_sock: 'cgroup_inet_sock_create',
    cgroup_device: 'cgroup_device',
    cgroup_sysctl: 'cgroup_sysctl',
    cgroup_sockopt: 'cgroup_getsockopt',
    sock_ops: 'cgroup_sock_ops',
  } as const;
  for (const [type, attachType] of Object.entries(others)) {
    const program = (): Counted => [type as keyof typeof others, { attachType, result }];
    check(t, { name: type, program, load: 'net_admin', run });
  }
});

const PARANOID = '/proc/sys/kernel/perf_event_paranoid';
const CLOSED = 3;

test('perf events', needsRoot(), async (t) => {
  const paranoid = perfEventParanoid() ?? 0;
  const settings = OWN_MACHINE ? [paranoid, 2] : [paranoid];
  using tracefs = ownTracefs();
  try {
    for (const setting of new Set(settings)) {
      if (OWN_MACHINE) writeFileSync(PARANOID, String(setting));
      const attach = setting >= CLOSED ? 'sys_admin' : 'perfmon';
      for (const kind of PERF) {
        const one = kind(tracefs.folder);
        await t.test(`${one.name}, kernel.perf_event_paranoid ${setting}`, (sub) => {
          if (setting < 2)
            return sub.skip('everybody may open perf events here: kernel.perf_event_paranoid is low');
          check(sub, { ...one, attach });
        });
      }
    }
  } finally {
    if (OWN_MACHINE) writeFileSync(PARANOID, String(paranoid));
  }
});

test('perf events where everybody may open them', needsRoot(), (t) => {
  if (!OWN_MACHINE)
    return t.skip('kernel.perf_event_paranoid is changed only in a machine of the test’s own');
  const before = perfEventParanoid() ?? 0;
  using tracefs = ownTracefs();
  writeFileSync(PARANOID, '-1');
  try {
    for (const kind of PERF) {
      const { name, program, run } = kind(tracefs.folder);
      using loaded = counter(...program());
      const result = outcome(() => withOnly([], () => run(loaded.program)));
      // The setting opens only measuring to everybody, not kernel probes.
      assert.equal(result, name === 'attachKprobe' ? 'EACCES' : 'fine', name);
    }
  } finally {
    writeFileSync(PARANOID, String(before));
  }
});

test('what is done with a link takes no right, but for opening it by its id', needsRoot(), () => {
  using runs = counter('raw_tracepoint');
  using link = attachRawTracepoint(runs.program, { name: 'sched_process_exec' });
  const { id } = withOnly([], () => link.info());
  assert.equal(
    outcome(() => withOnly(['sys_admin'], () => Link.fromId(id))),
    'fine',
  );
  assert.throws(() => withAllBut(['sys_admin'], () => Link.fromId(id)), {
    code: 'EPERM',
    message: `Cannot open link ${id}: EPERM: it needs CAP_SYS_ADMIN in the initial user namespace, which this process lacks; a pinned object can be opened by its path`,
  });
});
