import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type HelperFailure, type HelperRequest, readIdMap, startHelper } from '../../src/sys/helper.ts';
import { kernelHasTokens } from '../../src/token/index.ts';

const skip = process.geteuid?.() === 0 ? false : 'needs root';
/** Before Linux 6.9 a bpffs cannot belong to a user namespace, and tokens are what brought that. */
const skipMounts = skip || (kernelHasTokens() ? false : 'this kernel has no BPF tokens');
const everybody = '0 0 4294967295\n';
const base: HelperRequest = { uidMap: everybody, gidMap: everybody, mounts: [], keep: 1n << 39n };

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly failures: readonly HelperFailure[];
  readonly mountinfo: string;
}

async function finish(child: ChildProcess): Promise<[number | null, string | null, string]> {
  const output = child.stdout ? text(child.stdout) : '';
  const [code, signal] = await once(child, 'close');
  return [code, signal, await output];
}

async function run(command: string[], request: Partial<HelperRequest> = {}, go = true): Promise<Outcome> {
  const failures: HelperFailure[] = [];
  let mountinfo = '';
  const child = startHelper(
    command,
    { ...base, ...request },
    { stdio: ['ignore', 'pipe', 'inherit'] },
    {
      mounted: (pid) => {
        mountinfo = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
        return go;
      },
      failed: (failure) => failures.push(failure),
    },
  );
  const [code, signal, output] = await finish(child);
  return { code, signal, output, failures, mountinfo };
}

const status = (output: string, key: string): string =>
  new RegExp(`^${key}:\\s*(\\S+)`, 'm').exec(output)?.[1] ?? '';

for (const uid of [undefined, 1000]) {
  test(`every capability set is exactly what was asked for, as uid ${uid ?? 0}`, { skip }, async () => {
    const { output } = await run(['cat', '/proc/self/status'], { uid, gid: uid });
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      assert.equal(status(output, set), '0000008000000000', set);
    }
    assert.match(output, new RegExp(`^Uid:(\\s+${uid ?? 0}){4}`, 'm'));
  });
}

test('no capability at all is possible too', { skip }, async () => {
  const { output } = await run(['cat', '/proc/self/status'], { keep: 0n });
  assert.equal(status(output, 'CapEff') + status(output, 'CapBnd'), '0'.repeat(32));
});

test('the program gets a mount that only it sees', { skip: skipMounts }, async () => {
  const options = { delegate_maps: '0x2' };
  const { output, mountinfo } = await run(['cat', '/proc/self/mountinfo'], {
    mounts: [
      { path: '/tmp', options },
      { path: '/mnt', options: {} },
    ],
  });
  assert.equal(output, mountinfo);
  assert.match(output, /\/tmp \S+ - bpf \S+ rw,delegate_maps=hash/);
  assert.match(output, /\/mnt \S+ - bpf \S+ rw\n/);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /\/mnt .* - bpf/);
});

test('what fails is told by step and errno', { skip: skipMounts }, async () => {
  const mount = (path: string, options = {}): Partial<HelperRequest> => ({ mounts: [{ path, options }] });
  const cases: [Partial<HelperRequest>, string[], string, number, RegExp, number][] = [
    [{}, ['/nonexistent/program'], 'exec', 2, /^\/nonexistent\/program$/, 127],
    [{}, ['/etc/passwd'], 'exec', 13, /^\/etc\/passwd$/, 126],
    [mount('/nonexistent'), ['true'], 'mount', 2, /^\/nonexistent$/, 125],
    [mount('/tmp', { mode: 'x y' }), ['true'], 'fsconfig', 22, /^mode=x y/, 125],
    [{ uidMap: 'nonsense' }, ['true'], 'uid_map', 22, /^$/, 125],
    [{ keep: 1n << 62n }, ['true'], 'capabilities', 22, /^ambient$/, 125],
  ];
  for (const [request, command, stage, errno, detail, code] of cases) {
    const outcome = await run(command, request);
    assert.equal(outcome.code, code, stage);
    assert.equal(outcome.failures.length, 1, stage);
    assert.deepEqual({ ...outcome.failures[0], detail: '' }, { stage, errno, detail: '' });
    assert.match(outcome.failures[0]?.detail ?? '', detail);
  }
});

test('a caller that says no gets nothing run', { skip }, async () => {
  const outcome = await run(['echo', 'ran'], {}, false);
  assert.deepEqual([outcome.code, outcome.output], [125, '']);
});

test('status and signal of the program come through', { skip }, async () => {
  assert.equal((await run(['sh', '-c', 'exit 7'])).code, 7);
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGSEGV', 'SIGHUP']) {
    assert.equal((await run(['sh', '-c', `kill -${signal.slice(3)} $$`])).signal, signal);
  }
});

test('signals are passed on', { skip }, async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1', 'SIGWINCH', 'SIGTSTP'] as const) {
    const script = `trap 'echo got; exit 3' ${signal.slice(3)}; echo ready; while :; do read x; done`;
    const child = startHelper(
      ['sh', '-c', script],
      base,
      { stdio: ['pipe', 'pipe', 'inherit'] },
      { mounted: () => true, failed: (failure) => assert.fail(failure.stage) },
    );
    let output = '';
    // the newline lets a shell go on that sees the signal only after its read; the others may be gone by then
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (output === 'ready\n') {
        child.kill(signal);
        child.stdin?.write('\n');
      }
    });
    assert.deepEqual(await once(child, 'close'), [3, null], signal);
    assert.equal(output, 'ready\ngot\n');
  }
});

test('a network namespace of its own has a working loopback device', { skip }, async () => {
  const { output } = await run(['cat', '/proc/self/net/dev', '/proc/self/net/fib_trie'], { net: true });
  assert.match(output, /\blo:/);
  assert.match(output, /127\.0\.0\.1/);
});

test('a bpffs can be mounted in the namespaces of a running process, and taken back', {
  skip: skipMounts,
}, async () => {
  const host = startHelper(
    ['sh', '-c', 'echo $$; read x'],
    base,
    { stdio: ['pipe', 'pipe', 'inherit'] },
    { mounted: () => true, failed: (failure) => assert.fail(failure.stage) },
  );
  const pid = Number(await new Promise((resolve) => host.stdout?.once('data', resolve)));
  const enter: Partial<HelperRequest> = {
    ...{ enter: pid, uidMap: undefined, gidMap: undefined },
    mounts: [{ path: '/mnt', options: { delegate_maps: '0x2' } }],
  };
  const mounts = (): string => readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  assert.equal((await run([], enter, false)).code, 125);
  assert.doesNotMatch(mounts(), /\/mnt .* - bpf/);
  const outcome = await run([], enter);
  assert.deepEqual([outcome.code, outcome.failures], [0, []]);
  assert.match(mounts(), /\/mnt \S+ - bpf \S+ rw,delegate_maps=hash/);
  host.stdin?.end();
  await once(host, 'close');
});

test('the id map of this process is read entry by entry', () => {
  const map = readIdMap('uid');
  assert.ok(map.length > 0);
  assert.equal(map.flat().length, map.length * 3);
  const text = spawnSync('cat', ['/proc/self/uid_map'], { encoding: 'utf8' }).stdout;
  assert.equal(map.map((entry) => entry.join(' ')).join('\n'), text.trim().replace(/ +/g, ' '));
});
