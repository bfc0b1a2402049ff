// depends on: tokens, runtime
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type HelperFailure, helperProgram, readIdMap, startHelper } from '../../src/sys/helper.ts';
import type { HelperRequest } from '../../src/sys/helper-request.ts';
import { kernelHasTokens } from '../../src/token/index.ts';

const skip = process.geteuid?.() === 0 ? false : 'needs root';
/** Before Linux 6.9 a bpffs cannot belong to a user namespace. That came with tokens. */
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

test('what stands in a file name stays in its field', { skip }, async () => {
  for (const name of ['no\nmounted', 'no\nmounted 1 0:0\nerror exec 1 x', ' a  b ', 'ä\n\n', '\n']) {
    const { failures, code, signal } = await run([name]);
    assert.deepEqual(failures, [{ stage: 'exec', errno: 2, detail: name }]);
    assert.deepEqual([code, signal], [127, null]);
  }
});

test('a path of any length is told whole', { skip: skipMounts }, async () => {
  const path = `/nonexistent/${`${'x'.repeat(100)}\n/`.repeat(30)}`;
  const { failures } = await run(['true'], { mounts: [{ path, options: {} }] });
  assert.deepEqual(failures, [{ stage: 'mount', errno: 2, detail: path }]);
});

test('what a caller throws becomes an error event, and the program does not start', { skip }, async () => {
  const problem = new Error('no');
  for (const [command, code, output] of [
    [['echo', 'ran'], 125, ''],
    [['/nonexistent/program'], 127, ''],
  ] as const) {
    const throwing = (): never => {
      throw problem;
    };
    const mounted = code === 125 ? throwing : (): boolean => true;
    const child = startHelper(
      command,
      base,
      { stdio: ['ignore', 'pipe', 'inherit'] },
      { mounted, failed: throwing },
    );
    const errors: unknown[] = [];
    child.on('error', (error) => errors.push(error));
    const closed = new Promise((resolve) => child.once('close', (...ending) => resolve(ending)));
    assert.equal(child.stdout && (await text(child.stdout)), output);
    assert.deepEqual(await closed, [code, null]);
    assert.deepEqual(errors, [problem]);
  }
});

test('a process that ends while the caller looks at it is no exception', { skip: skipMounts }, async () => {
  const shown: string[] = [];
  const child = startHelper(
    ['true'],
    { ...base, mounts: [{ path: '/tmp', options: { delegate_maps: '0x2' } }] },
    { stdio: ['ignore', 'pipe', 'inherit'] },
    {
      mounted: (pid, devices, mountinfo) => {
        process.kill(pid, 'SIGKILL');
        shown.push(...devices, Buffer.from(mountinfo).toString());
        return true;
      },
      failed: (failure) => assert.fail(failure.stage),
    },
  );
  assert.deepEqual(await finish(child), [null, 'SIGKILL', '']);
  const [device, lines = '', ...more] = shown;
  assert.deepEqual(more, []);
  assert.match(lines, new RegExp(`^\\d+ \\d+ ${device} / /tmp \\S+ - bpf \\S+ rw,delegate_maps=hash\n$`));
});

test('the helper looks at its command line itself', { skip }, async () => {
  const cases: [words: string[], problem: string][] = [
    ...['-1', '+1', ' 1', '1 ', '', '0x1', '1.5', 'root', '99999999999999999999'].map(
      (uid): [string[], string] => [[`--uid=${uid}`], 'not a number'],
    ),
    ...['4294967295', '4294967296', '8589934592'].map((gid): [string[], string] => [
      [`--gid=${gid}`],
      'a number out of range',
    ]),
    [['--enter=0'], 'a number out of range'],
    [['--enter=2147483648'], 'a number out of range'],
    [['--keep=10000000000000000'], 'not a number'],
    [['--control=2'], 'a number out of range'],
    [Array(17).fill('--mount=/tmp'), 'too many mounts'],
    [['--mount=/tmp', ...Array(17).fill('--option=mode=0700')], 'too many mount options'],
    [['--option=mode=0700'], '--option stands after its --mount'],
    [['--nonsense'], 'unknown option'],
  ];
  for (const [words, problem] of cases) {
    const child = spawn(helperProgram(), ['--control=3', ...words, '--', 'echo', 'ran'], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const [out, err, control] = child.stdio.slice(1) as [Readable, Readable, Readable];
    const ended = once(child, 'close');
    const texts = await Promise.all([out, err, control].map((stream) => text(stream)));
    assert.deepEqual(await ended, [125, null], words.join(' '));
    assert.deepEqual(texts.slice(0, 2), ['', ''], words.join(' '));
    assert.ok(texts[2]?.endsWith(`error\0usage\0${constants.errno.EINVAL}\0${problem}`), texts[2]);
  }
});

/** Runs `body` with these supplementary groups. It changes the groups of all threads, and then restores them. */
async function withGroups<T>(groups: number[], body: () => Promise<T>): Promise<T> {
  const before = process.getgroups?.() ?? [];
  process.setgroups?.(groups);
  try {
    return await body();
  } finally {
    process.setgroups?.(before);
  }
}

test('a uid or gid of its own leaves the program no supplementary groups', { skip }, async () => {
  const groups = async (ids: Partial<HelperRequest>): Promise<string> => {
    const { output } = await run(['cat', '/proc/self/status'], ids);
    return /^Groups:\t(.*?) *$/m.exec(output)?.[1] ?? 'none shown';
  };
  await withGroups([4, 6, 27], async () => {
    assert.equal(await groups({}), '4 6 27');
    assert.equal(await groups({ uid: 65534 }), '');
    assert.equal(await groups({ gid: 65534 }), '');
    assert.equal(await groups({ uid: 65534, gid: 65534 }), '');
  });
});

test('groups that cannot be dropped are an error', { skip }, async () => {
  const own = { uidMap: '0 0 1', gidMap: '0 0 1', denySetgroups: true, uid: 0 };
  const failed = async (groups: number[]): Promise<readonly HelperFailure[]> =>
    withGroups(groups, async () => (await run(['true'], own)).failures);
  assert.deepEqual(await failed([4, 27]), [{ stage: 'groups', errno: 1, detail: '' }]);
  assert.deepEqual(await failed([27]), [{ stage: 'groups', errno: 1, detail: '' }]);
  // These groups give the program nothing that its gid does not give.
  assert.deepEqual(await failed([0]), []);
  assert.deepEqual(await failed([]), []);
});

test('a uid or gid that the namespace does not have is named', { skip }, async () => {
  const own = { uidMap: '0 0 1', gidMap: '0 0 1' };
  for (const id of ['uid', 'gid'] as const) {
    const { failures, code } = await run(['true'], { ...own, [id]: 5 });
    assert.deepEqual(failures, [{ stage: id, errno: constants.errno.EINVAL, detail: '' }]);
    assert.equal(code, 125);
  }
});

test('a mount point may be a symbolic link, and must be a directory', { skip: skipMounts }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-mount-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'place'));
  symlinkSync('place', join(folder, 'link'));
  symlinkSync('circle', join(folder, 'circle'));
  writeFileSync(join(folder, 'file'), '');
  const at = (path: string): Promise<Outcome> =>
    run(['cat', '/proc/self/mountinfo'], { mounts: [{ path, options: {} }] });
  for (const path of ['link', 'place', 'link/', './place/../link']) {
    const { output, failures } = await at(`${folder}/${path}`);
    assert.deepEqual(failures, []);
    assert.match(output, new RegExp(` / ${folder}/place .* - bpf `), path);
  }
  for (const [name, errno] of [
    ['file', constants.errno.ENOTDIR],
    ['circle', constants.errno.ELOOP],
  ] as const) {
    const path = join(folder, name);
    assert.deepEqual((await at(path)).failures, [{ stage: 'mount', errno, detail: path }]);
  }
});

test('a mount that its path does not lead to is none', { skip: skipMounts }, async () => {
  for (const path of ['/', '//', '/tmp/..']) {
    const { failures, code } = await run(['true'], { mounts: [{ path, options: {} }] });
    assert.deepEqual([failures, code], [[{ stage: 'covered', errno: 0, detail: path }], 125]);
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

test('a signal that Node has no name for comes through as a status', { skip }, async () => {
  for (const signal of [34, 64]) {
    const { code, signal: shown } = await run(['sh', '-c', `kill -${signal} $$`]);
    assert.deepEqual([code, shown], [128 + signal, null]);
  }
});

test('signals are passed on', { skip }, async () => {
  for (const signal of [
    'SIGTERM',
    'SIGINT',
    'SIGUSR1',
    'SIGWINCH',
    'SIGTSTP',
    'SIGALRM',
    'SIGPIPE',
    'SIGURG',
    'SIGABRT',
  ] as const) {
    const script = `trap 'echo got; exit 3' ${signal.slice(3)}; echo ready; while :; do read x; done`;
    const child = startHelper(
      ['sh', '-c', script],
      base,
      { stdio: ['pipe', 'pipe', 'inherit'] },
      { mounted: () => true, failed: (failure) => assert.fail(failure.stage) },
    );
    let output = '';
    // The newline lets a shell go on that sees the signal only after its read. Other shells may be gone by then.
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
