import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelHasTokens } from '../../src/token/index.ts';
import { isRoot, needsRoot } from '../needs.ts';
import { cli, ebpfTs } from './run.ts';

const rootOnly = needsRoot().skip;
const skip = isRoot() && kernelHasTokens() !== true ? 'this kernel has no tokens' : rootOnly;

interface Trial {
  readonly type: string;
  readonly ok: boolean;
  readonly message?: string;
  readonly reason?: string;
}

interface Status {
  readonly kernel: { readonly tokens: boolean };
  readonly userNamespace: { readonly initial: boolean };
  readonly capabilities: Record<string, string[]>;
  readonly mounts: { readonly mount: string; readonly outcome: string }[];
  readonly tokens: { readonly mount: string; readonly delegation: Record<string, string[] | 'any'> }[];
  readonly mapCreate: Trial;
  readonly progLoad: Trial;
  readonly mapTypes: Record<string, { readonly answer: string }>;
  readonly programTypes: Record<string, { readonly answer: string }>;
}

async function underToken(run: readonly string[], ...options: string[]): Promise<[Status, number | null]> {
  const own = [process.execPath, cli, 'token', 'status', '--json', ...options];
  const { stdout, stderr, status } = await ebpfTs(['token', 'run', ...run, '--', ...own]);
  assert.equal(stderr, '');
  return [JSON.parse(stdout) as Status, status];
}

test('root in the initial namespace has no token, and needs none', { skip: rootOnly }, async () => {
  const { stdout, stderr, status } = await ebpfTs(['token', 'status', '--json']);
  assert.deepEqual([stderr, status], ['', 1]);
  const report = JSON.parse(stdout) as Status;
  assert.equal(report.userNamespace.initial, true);
  assert.equal(report.kernel.tokens, kernelHasTokens());
  assert.deepEqual(report.tokens, []);
  assert.deepEqual([report.mapCreate.ok, report.progLoad.ok], [true, true]);
  const sets = ['effective', 'permitted', 'inheritable', 'bounding', 'ambient'];
  assert.deepEqual(Object.keys(report.capabilities), sets);
  assert.equal(report.mapTypes.hash?.answer, 'yes');
  assert.equal(report.programTypes.socket_filter?.answer, 'yes');

  const dropped = JSON.parse((await ebpfTs(['token', 'status', '--json', '--drop-caps'])).stdout) as Status;
  for (const set of ['effective', 'permitted']) {
    for (const name of ['bpf', 'sys_admin', 'perfmon'])
      assert.ok(!dropped.capabilities[set]?.includes(name), name);
  }
  if (dropped.mapCreate.ok) return; // everybody may create maps here: unprivileged_bpf_disabled is 0
  assert.deepEqual(dropped.mapCreate, {
    type: 'hash',
    ok: false,
    message: 'Cannot create map (hash): EPERM: this process lacks CAP_BPF: grant it',
    code: 'EPERM',
    reason: 'no_cap_bpf',
  });
});

test('under a token it tells what the token permits', { skip }, async () => {
  const lists = ['--cmds', 'map_create,prog_load', '--maps', 'array', '--progs', 'xdp'];
  const run = [...lists, '--attachs', 'cgroup_inet_ingress'];
  const [report, status] = await underToken([...run, '--cap', 'net_admin']);
  assert.equal(status, 0);
  assert.equal(report.userNamespace.initial, false);
  assert.deepEqual(report.capabilities.effective, ['dac_read_search', 'net_admin', 'bpf']);
  assert.deepEqual(report.capabilities.bounding, ['dac_read_search', 'net_admin', 'bpf']);
  assert.ok(report.mounts.some(({ mount, outcome }) => mount === '/sys/fs/bpf' && outcome === 'usable'));
  const attachs = ['cgroup_inet_ingress'];
  const delegation = { cmds: ['map_create', 'prog_load'], maps: ['array'], progs: ['xdp'], attachs };
  assert.deepEqual(
    report.tokens.map((token) => [token.mount, token.delegation]),
    [['/sys/fs/bpf', delegation]],
  );
  assert.deepEqual(report.mapCreate, { type: 'array', ok: true });
  assert.deepEqual(report.progLoad, { type: 'xdp', ok: true });

  const [dropped, droppedStatus] = await underToken(run, '--drop-caps');
  assert.equal(droppedStatus, 1);
  assert.deepEqual(dropped.tokens, []);
  assert.equal(dropped.mapCreate.reason, 'no_cap_bpf');
  assert.ok(dropped.mounts.some(({ mount, outcome }) => mount === '/sys/fs/bpf' && outcome === 'no_cap_bpf'));
});

test('it is text in a pipe, without colours', { skip: rootOnly }, async () => {
  const { stdout } = await ebpfTs(['token', 'status'], { CI: '1' });
  assert.match(stdout, /^System\n {2}kernel {2,}\S+\n/);
  for (const title of ['Capabilities', 'bpffs mounts', 'Token', 'Tried', 'Map types', 'Program types']) {
    assert.ok(stdout.includes(`\n${title}\n`), title);
  }
  assert.ok(!stdout.includes('\u001b'));
});
