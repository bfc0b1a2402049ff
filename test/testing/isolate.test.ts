// depends on: runtime
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BpfError } from '../../src/errors/index.ts';
import {
  type Capability,
  capabilitiesOf,
  mountFileSystem,
  native,
  pinObject,
  readCapabilities,
  unmount,
} from '../../src/sys/index.ts';
import { type SpawnWithTokenOptions, spawnWithToken } from '../../src/testing/index.ts';
import { mapCreate } from '../../src/token/commands.ts';
import type { Target } from './fixtures/attacks.ts';
import { fixturePath } from './run-fixture.ts';
import { parentOf, processesWith, skip } from './support.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// include/uapi/linux/keyctl.h
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const KEY_SPEC_SESSION_KEYRING = -3;

const delegation = { cmds: ['map_create'], maps: ['hash'] } as const;
const base: SpawnWithTokenOptions = { stdio: ['ignore', 'pipe', 'inherit'], delegation, isolate: true };

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly error: unknown;
}

async function run(file: string, args: string[], options: SpawnWithTokenOptions = {}): Promise<Outcome> {
  const child = spawnWithToken(file, args, { ...base, ...options });
  let error: unknown;
  child.once('error', (problem) => {
    error = problem;
  });
  const output = child.stdout ? text(child.stdout) : '';
  return new Promise((resolve) => {
    child.once('close', async (code, signal) => resolve({ code, signal, output: await output, error }));
  });
}

const sh = (script: string, options?: SpawnWithTokenOptions): Promise<Outcome> =>
  run('sh', ['-c', script], options);

/** A folder that is closed to other users. It has a secret and an open folder in it. */
const closed = mkdtempSync(join(tmpdir(), 'ebpf-ts-closed-'));
const open = join(closed, 'open');
after(() => rmSync(closed, { recursive: true }));
writeFileSync(join(closed, 'secret'), 'secret');
chmodSync(join(closed, 'secret'), 0o644);
mkdirSync(open, { mode: 0o755 });
chmodSync(open, 0o755);
writeFileSync(join(open, 'file'), 'from a view');

test('ids are unprivileged outside, and the program sees its own processes only', { skip }, async () => {
  const script = 'cat /proc/self/uid_map /proc/self/gid_map; echo $$; ls -d /proc/[0-9]*';
  const { output } = await sh(script);
  const [uids = '', gids, pid, ...processes] = output.split('\n');
  const [inside, outside, count] = uids.trim().split(/\s+/).map(Number);
  assert.deepEqual([inside, count, gids], [0, 65536, uids]);
  assert.ok(outside !== undefined && outside >= 0x78000000 && outside + 65536 <= 0x7ffe0000, uids);
  assert.deepEqual([pid, processes.slice(0, 2)], ['2', ['/proc/1', '/proc/2']]);
});

test('supplementary groups are given up', { skip }, async (t) => {
  const before = process.getgroups?.() ?? [];
  process.setgroups?.([...before, 4242]);
  t.after(() => process.setgroups?.(before));
  for (const uid of [undefined, 1234]) {
    assert.match((await run('cat', ['/proc/self/status'], { uid })).output, /^Groups:\s*$/m);
  }
});

test('every namespace that processes or objects could be left in is new', { skip }, async () => {
  const kinds = ['user', 'mnt', 'pid', 'ipc', 'net'];
  const script = `for n in ${kinds.join(' ')}; do readlink /proc/self/ns/$n; done`;
  const own = kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
  const links = (await sh(script)).output.trim().split('\n');
  assert.equal(links.length, own.length);
  for (const [index, link] of own.entries()) assert.notEqual(links[index], link);
  const shared = (await sh(script, { net: false })).output.trim().split('\n');
  assert.equal(shared.at(-1), own.at(-1));
});

test('a folder that is hidden can be shown', { skip }, async (t) => {
  const cgroups = mkdtempSync(join(tmpdir(), 'ebpf-ts-cgroup-'));
  mountFileSystem('cgroup2', cgroups);
  t.after(() => {
    unmount(cgroups);
    rmdirSync(cgroups);
  });
  const script = `ls ${cgroups} | grep -c cgroup.procs`;
  assert.equal((await sh(script)).output, '0\n');
  assert.equal((await sh(script, { readable: [cgroups] })).output, '1\n');
  const { error } = await run('true', [], { mount: join(cgroups, 'sub') });
  assert.match(
    String(error),
    new RegExp(`Cannot isolate: ${cgroups}/sub is in ${cgroups}, which an isolated program does not see`),
  );
  const around = await sh(script, { readable: [tmpdir()] });
  assert.equal(around.output, '0\n', 'only when it is named');
});

test('capabilities are exactly those asked for, as any uid, without new privileges', { skip }, async () => {
  for (const uid of [undefined, 1234]) {
    const { output } = await run('cat', ['/proc/self/status'], { uid, gid: uid, capabilities: ['perfmon'] });
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      assert.match(output, new RegExp(`Cap${set}:\t000000c000000004`));
    assert.match(output, /^NoNewPrivs:\t1$/m);
    assert.match(output, new RegExp(`^Uid:(\t${uid ?? 0}){4}$`, 'm'));
    assert.match(output, new RegExp(`^Gid:(\t${uid ?? 0}){4}$`, 'm'));
  }
});

test('options that cannot be kept are refused', () => {
  for (const options of [{ uid: 65536 }, { gid: -1 }, { uid: 2 ** 32 }, { gid: 0.5 }]) {
    assert.throws(() => spawnWithToken('true', [], { isolate: true, ...options }), {
      name: 'RangeError',
      message: /^[ug]id: an isolated program can have 0 to 65535, not /,
    });
  }
  for (const [maps, any] of [
    ['any', ' ("any" includes it)'],
    [['hash', 'struct_ops'], ''],
  ] as const) {
    assert.throws(() => spawnWithToken('true', [], { isolate: true, delegation: { maps } }), {
      name: 'TypeError',
      message: `maps: an isolated program cannot have struct_ops${any}: what it registers would stay after it ends; name the map types that it needs`,
    });
  }
  assert.throws(() => spawnWithToken('true', [], { readable: ['/'] }), {
    name: 'TypeError',
    message: 'readable: only with isolate',
  });
});

/** Starts a process that has the given descriptor open, as shells and services pass descriptors on. */
function withDescriptor(fd: number, script: string): ChildProcess {
  const words = [process.execPath, '--input-type=module', '-e', script];
  const shell = `exec ${fd}</etc/passwd; exec "$@"`;
  return spawn('sh', ['-c', shell, 'sh', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('of inherited descriptors the program has those in stdio', { skip }, async () => {
  const library = new URL('../../src/testing/index.js', import.meta.url).href;
  for (const [fd, stdio, seen] of [
    [9, ['ignore', 'inherit', 'inherit'], '0\n1\n2\n3\n'],
    [3, ['ignore', 'inherit', 'inherit', 'ignore'], '0\n1\n2\n3\n'],
    [3, ['ignore', 'inherit', 'inherit', 'ignore', 'pipe'], '0\n1\n2\n3\n4\n'],
    [7, ['ignore', 'inherit', 'inherit', 7], '0\n1\n2\n3\n4\n'],
  ] as const) {
    const options = JSON.stringify({ isolate: true, delegation, stdio });
    const script = `import { spawnWithToken } from '${library}';
      const fd = 'for fd in 0 1 2 3 4 5 6 7 8 9; do if [ -e /proc/self/fd/$fd ]; then echo $fd; fi; done';
      spawnWithToken('ls', ['/proc/self/fd'], ${options});`;
    const child = withDescriptor(fd, script);
    const output = child.stdout === null ? '' : await text(child.stdout);
    // The last descriptor is that of ls itself.
    assert.equal(output, seen, JSON.stringify([fd, stdio]));
  }
});

test('exit status and signals are the program’s own', { skip }, async () => {
  assert.deepEqual((await sh('exit 7')).code, 7);
  assert.deepEqual((await sh('kill -TERM $$')).signal, 'SIGTERM');
  assert.deepEqual((await sh('kill -KILL $$')).signal, 'SIGKILL');
  const { code, error } = await run('/nonexistent/program', ['x']);
  assert.deepEqual([code, (error as NodeJS.ErrnoException).code], [127, 'ENOENT']);
  const data = await run('/etc/passwd', []);
  assert.deepEqual([data.code, (data.error as NodeJS.ErrnoException).code], [126, 'EACCES']);
});

test('signals sent to the process reach the program', { skip }, async () => {
  for (const uid of [undefined, 7]) {
    const script = 'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.1; done';
    const child = spawnWithToken('sh', ['-c', script], { ...base, uid });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (output === '') child.kill('SIGTERM');
      output += chunk;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.deepEqual([output, code], ['ready\ngot\n', 3]);
  }
});

test('signals to the program’s own group stay inside', { skip }, async () => {
  const { signal } = await sh('sleep 1000 & kill -TERM 0; wait');
  assert.equal(signal, 'SIGTERM');
  const all = await sh("trap '' TERM; sleep 1000 & kill -TERM -1; kill -KILL -1; exit 5");
  assert.deepEqual([all.code, all.signal], [5, null]);
});

/** The pids of the processes that have the mark in their command line or environment. */
const left = (mark: string): number[] => processesWith(mark);

test('nothing is left behind, whatever the program does to keep it', { skip }, async () => {
  const mark = `ebpf-ts-mark-${process.pid}`;
  const env = { ...process.env, MARK: mark };
  const daemon = '(setsid sh -c "trap \'\' HUP TERM; sleep 1000 & sleep 1000" >/dev/null 2>&1 </dev/null &)';
  const attack = 'kill -STOP $PPID; kill -KILL $PPID; kill -STOP 1; kill -KILL 1';
  const { code } = await sh(`${daemon}; ${attack}; exit 6`, { env });
  assert.equal(code, 6);
  assert.deepEqual(left(mark), []);
  // Also kills the process that stands for the program, alone or together with the process above the program.
  for (const both of [false, true]) {
    const child = spawnWithToken('sh', ['-c', `${daemon}; echo ready; exec sleep 1000`], { ...base, env });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    assert.ok(left(mark).length > 1);
    const ended = once(child, 'close');
    const above = both ? left('ebpf-ts-ns').filter((pid) => parentOf(pid) === child.pid) : [];
    for (const pid of [child.pid ?? 0, ...above]) process.kill(pid, 'SIGSTOP');
    for (const pid of [child.pid ?? 0, ...above]) process.kill(pid, 'SIGKILL');
    await ended;
    while (left(mark).length > 0) await new Promise(setImmediate);
  }
});

test('a folder that is closed to others hides all but what is shown', { skip }, async () => {
  const script = `cat ${open}/file; ls ${closed}; cat ${closed}/secret 2>&1 | grep -c "No such"; pwd`;
  const { output } = await sh(script, { readable: [open], cwd: open });
  assert.equal(output, `from a viewopen\n1\n${open}\n`);
});

test('what cannot be reached is named before anything starts', { skip }, async (t) => {
  const refused = async (options: SpawnWithTokenOptions, file = 'true'): Promise<Error> => {
    const { code, error } = await run(file, [], options);
    assert.ok(error instanceof BpfError, String(error));
    assert.equal(code, 125);
    return error;
  };
  await t.test('a folder to read', async () => {
    assert.equal(
      (await refused({ readable: [closed] })).message,
      `Cannot isolate: ${closed} is closed to other users (mode 0700), and an isolated program runs as another user: open it (chmod -R o+rX ${closed}), or use a copy elsewhere`,
    );
  });
  await t.test('a closed folder within a shown one', async () => {
    const inner = join(open, 'inner');
    mkdirSync(join(inner, 'deep'), { recursive: true });
    chmodSync(inner, 0o750);
    const { message } = await refused({ readable: [open, join(inner, 'deep')] });
    assert.match(
      message,
      /inner, on the way to \S+deep, is closed to other users \(mode 0750\).*chmod o\+x \S+inner\)/,
    );
    rmSync(inner, { recursive: true });
  });
  await t.test('the working directory', async () => {
    assert.match(
      (await refused({ cwd: closed })).message,
      new RegExp(`^Cannot isolate: ${closed} is closed`),
    );
  });
  await t.test('the program', async () => {
    const program = join(open, 'program');
    writeFileSync(program, '');
    chmodSync(program, 0o700);
    assert.match(
      (await refused({}, program)).message,
      /program is closed to other users \(mode 0700\).*chmod o\+rx/,
    );
    rmSync(program);
  });
  await t.test('what is not there', async () => {
    assert.equal(
      (await refused({ readable: ['/nonexistent'] })).message,
      'Cannot isolate: /nonexistent does not exist, or cannot be reached',
    );
  });
});

test('a program in a closed folder runs', { skip }, async () => {
  const program = join(open, 'program');
  writeFileSync(program, '#!/bin/sh\necho "$0"; pwd; cat "$0" | head -n 1');
  chmodSync(program, 0o755);
  const { output } = await run(program, []);
  assert.equal(output.split('\n')[0], program);
  assert.equal(output.split('\n')[2], '#!/bin/sh');
  rmSync(program);
});

test('a /proc that the kernel refuses is explained', { skip }, async () => {
  const library = new URL('../../src/testing/index.js', import.meta.url).href;
  const script = `import { spawnWithToken } from '${library}';
    spawnWithToken('true', [], { isolate: true }).on('error', ({ message }) => console.log(message));`;
  // Container runtimes do it this way.
  const hide = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"';
  const words = ['-m', 'sh', '-c', hide, 'sh', process.execPath, '--input-type=module', '-e', script];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(
    await text(child.stdout),
    'Cannot mount a /proc for the isolated program: EPERM: parts of the /proc that is mounted here are hidden, by mounts such as /proc/sys: unmount them, or run this outside of the container\n',
  );
});

/** The outcome that every attempt must have. There are two if a program with all capabilities must get another one. */
const EXPECTED: Readonly<Record<string, RegExp | readonly [bare: RegExp, mighty: RegExp]>> = {
  'write core_pattern': /^EACCES$/,
  'write to /etc': /^EACCES$/,
  'read shadow': /^(EACCES|ENOENT)$/,
  'read what is closed': /^ENOENT$/,
  'write to a view': /^EROFS$/,
  'make a view writable': /^EPERM$/,
  'uncover a closed folder': [/^EPERM$/, /^EINVAL$/],
  'look below a cover': [/^EPERM$/, /^EINVAL$/],
  'look below all covers': [/^EPERM$/, /^ENOENT$/],
  'open a pin of the host': /^ENOENT$/,
  'pin in a bpffs of the host': /^EPERM$/,
  'open a cgroup of the host': /^ENOENT$/,
  'uncover a bpffs of the host': [/^EPERM$/, /^EINVAL$/],
  // It may change its own mounts.
  'mount over a folder': [/^EPERM$/, /^done$/],
  'delegate more to a new bpffs': /^EPERM$/,
  'delegate more to this bpffs': [/^EPERM$/, /^(EPERM|ERR_BPF_TEST_PROCESS)$/],
  'make a user namespace': /^ENOSPC$/,
  'make a cgroup namespace': [/^EPERM$/, /^(ENOSPC|EINVAL)$/],
  'allow user namespaces': /^EACCES$/,
  'gain by a setuid program': /^ERR_BPF_TEST_PROCESS$/,
  'signal a process outside': /^ESRCH$/,
  'trace a process outside': /^ESRCH$/,
  'trace init': /^EPERM$/,
  'read the memory of init': /^EPERM$/,
  'open the memory of init': /^EACCES$/,
  'enter the root of init': /^EACCES$/,
  'list the descriptors of init': /^EACCES$/,
  'see a process outside': /^ENOENT$/,
  'find a key of the caller': /^(E126|ENOKEY|ENOSYS)$/,
  'open the terminal': /^ENXIO$/,
  'type into the terminal': /^(ENOTTY|EIO|EPERM)$/,
  'kill init': /^ERR_BPF_TEST_PROCESS$/,
};

test('attacks', { skip }, async (t) => {
  const bpffs = mkdtempSync(join(tmpdir(), 'ebpf-ts-bpffs-'));
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-setuid-'));
  chmodSync(folder, 0o755);
  const setuid = join(folder, 'cat');
  copyFileSync('/bin/cat', setuid);
  chmodSync(setuid, 0o4755);
  mountFileSystem('bpf', bpffs, { mode: '777' });
  const cgroup = mkdtempSync(join(tmpdir(), 'ebpf-ts-cgroup-'));
  mountFileSystem('cgroup2', cgroup);
  t.after(() => {
    for (const place of [bpffs, cgroup]) {
      unmount(place);
      rmdirSync(place);
    }
    rmSync(folder, { recursive: true });
  });
  using map = mapCreate({ map_type: 1, key_size: 4, value_size: 4, max_entries: 1 });
  pinObject(map, join(bpffs, 'map'));
  chmodSync(join(bpffs, 'map'), 0o666);

  // A kernel without keys has no key to find.
  const [keyctl, addKey] = process.arch === 'arm64' ? [219, 217] : [250, 248];
  const key = `ebpf-ts-${process.pid}`;
  native().syscall(keyctl, KEYCTL_JOIN_SESSION_KEYRING, null);
  native().syscall(addKey, 'user', key, Uint8Array.of(1), 1, KEY_SPEC_SESSION_KEYRING);

  const pins = readdirSync(bpffs);
  const everything = (capabilitiesOf(readCapabilities().bounding) as Capability[]).filter(
    (name) => name !== 'sys_resource',
  );
  for (const [kind, capabilities] of [
    ['with the capabilities that every program has', []],
    ['with all capabilities of its namespace', everything],
  ] as const) {
    await t.test(kind, async (t) => {
      const pids = [process.pid, process.ppid, ...processesWith('ebpf-ts-ns')];
      const target: Target = { pids, bpffs, cgroup, view: open, closed, setuid, key };
      const words = [fixturePath('attacks.js'), JSON.stringify(target)];
      const { output } = await run(process.execPath, words, { capabilities, readable: [open, root] });
      const outcomes = JSON.parse(output) as Record<string, string>;
      assert.deepEqual(Object.keys(outcomes), Object.keys(EXPECTED));
      for (const [name, expected] of Object.entries(EXPECTED)) {
        const [bare, mighty] = expected instanceof RegExp ? [expected, expected] : expected;
        await t.test(name, () =>
          assert.match(outcomes[name] ?? '', capabilities.length === 0 ? bare : mighty),
        );
      }
      assert.deepEqual(readdirSync(bpffs), pins);
      assert.throws(() => readFileSync('/etc/ebpf-ts-attack'), { code: 'ENOENT' });
    });
  }
});

test('a test of a project in a closed folder runs with a runtime from there', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-home-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const project = join(folder, 'project');
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  symlinkSync(root, join(project, 'node_modules/ebpf-ts'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
  const file = join(project, 'one.test.js');
  const body = `import { readdirSync } from 'node:fs';
    import { test } from 'node:test';
    import { BpfMap, u32 } from 'ebpf-ts';
    import { runWithToken } from 'ebpf-ts/testing';
    test('outer', (t) => runWithToken(t, 'inner', ${JSON.stringify(delegation)}, (sub) => {
      BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1 }).close();
      sub.diagnostic(JSON.stringify([process.pid, process.execPath, readdirSync('..'), process.cwd()]));
    }, { isolate: true }));`;
  writeFileSync(file, body);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const runTest = async (): Promise<string> => {
    const words = ['--test', '--test-reporter=tap', file];
    const child = spawn(node, words, { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] });
    return text(child.stdout);
  };
  const output = await runTest();
  assert.match(output, /^# pass 2$/m, output);
  const line = /# (\[.*)/.exec(output)?.[1] ?? '';
  assert.deepEqual(JSON.parse(line), [2, node, ['node', 'project'], project]);

  chmodSync(file, 0o600);
  assert.match(
    await runTest(),
    /Cannot isolate: \S+one\.test\.js is closed to other users \(mode 0600\).*chmod o\+r /,
  );
});
