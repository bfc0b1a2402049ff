import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { NotSupportedError, TokenError } from '../../src/errors/index.ts';
import { type SpawnWithTokenOptions, spawnWithToken } from '../../src/testing/index.ts';
import { kernelHasTokens } from '../../src/token/index.ts';

const tokens = kernelHasTokens() !== false;
const isRoot = process.geteuid?.() === 0;
const skip = isRoot ? (tokens ? false : 'this kernel has no BPF tokens') : 'needs root';
const delegation = { cmds: ['map_create', 'prog_load'], maps: ['hash'], progs: 'any' } as const;

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly error: unknown;
}

async function run(file: string, args: string[], options: SpawnWithTokenOptions = {}): Promise<Outcome> {
  const child = spawnWithToken(file, args, { stdio: ['ignore', 'pipe', 'inherit'], delegation, ...options });
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

test('mountinfo shows exactly the delegation', { skip }, async () => {
  const { output } = await run('cat', ['/proc/self/mountinfo']);
  const [line, ...more] = output.split('\n').filter((each) => each.includes(' /sys/fs/bpf '));
  const own = line ?? more.at(-1) ?? '';
  assert.match(
    more.at(-1) ?? own,
    / - bpf \S+ rw,delegate_cmds=map_create:prog_load,delegate_maps=hash,delegate_progs=any$/,
  );
});

test('user and mount namespace are new, the others are not', { skip }, async () => {
  const { output } = await sh('for n in user mnt net pid ipc; do readlink /proc/self/ns/$n; done');
  const [user, mount, ...others] = output.trim().split('\n');
  assert.notEqual(user, readlinkSync('/proc/self/ns/user'));
  assert.notEqual(mount, readlinkSync('/proc/self/ns/mnt'));
  assert.deepEqual(
    others,
    ['net', 'pid', 'ipc'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`)),
  );
});

test('net adds a network namespace', { skip }, async () => {
  const { output } = await sh('readlink /proc/self/ns/net', { net: true });
  assert.notEqual(output.trim(), readlinkSync('/proc/self/ns/net'));
});

test('capabilities are CAP_BPF, CAP_DAC_READ_SEARCH and those asked for', { skip }, async () => {
  for (const [capabilities, mask] of [
    [[], '0000008000000004'],
    [['net_admin', 'perfmon'], '000000c000001004'],
  ] as const) {
    const { output } = await run('grep', ['Cap', '/proc/self/status'], { capabilities });
    assert.deepEqual(
      output.match(/Cap(Prm|Eff|Bnd):\s+\S+/g),
      ['Prm', 'Eff', 'Bnd'].map((set) => `Cap${set}:\t${mask}`),
    );
  }
});

test('ids keep their numbers', { skip }, async () => {
  const { output } = await sh('id -u; cat /proc/self/uid_map; stat -c %u:%g /proc/1');
  const map = readFileSync('/proc/self/uid_map', 'utf8');
  assert.equal(output, `0\n${map}0:0\n`);
});

test('uid and gid are those of the program, not of the set-up', { skip }, async () => {
  const { output } = await sh('id -u; id -g; grep CapEff /proc/self/status', { uid: 1234, gid: 4321 });
  assert.equal(output, '1234\n4321\nCapEff:\t0000008000000004\n');
});

test('several mounts, each with its own delegation', { skip }, async () => {
  const { output } = await run('cat', ['/proc/self/mountinfo'], {
    delegation: 'any',
    mount: '/mnt',
    moreMounts: [{ path: '/tmp', delegation: { maps: ['array'] } }],
  });
  assert.match(output, /\/mnt .* - bpf \S+ rw,delegate_cmds=any,.*delegate_attachs=any$/m);
  assert.match(output, /\/tmp .* - bpf \S+ rw,delegate_maps=array$/m);
});

test('cwd, env, argv0 and stdio work as with child_process.spawn', { skip }, async () => {
  const child = spawnWithToken('sh', ['-c', 'pwd; echo $X; cat /proc/$$/cmdline; cat <&3'], {
    ...{ cwd: '/usr', env: { PATH: process.env.PATH, X: 'y' }, argv0: 'zero' },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  assert.equal(child.stdio.length, 4);
  (child.stdio[3] as NodeJS.WritableStream).end('from 3');
  const output = child.stdout ? await text(child.stdout) : '';
  assert.equal(output, '/usr\ny\nzero\0-c\0pwd; echo $X; cat /proc/$$/cmdline; cat <&3\0from 3');
});

test('no descriptor of the helper reaches the program', { skip }, async () => {
  const own = new Set((await run('ls', ['/proc/self/fd'])).output.trim().split('\n'));
  const plain = spawnSync('ls', ['/proc/self/fd'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  assert.deepEqual([...own], plain.stdout.trim().split('\n'));
});

test('what the program leaves running ends with it', { skip }, async () => {
  const { output, code } = await sh(
    'for i in 1 2 3; do setsid sleep 1000 & echo $!; done; (setsid sleep 1000 &) ; exit 4',
  );
  assert.equal(code, 4);
  for (const pid of output.trim().split('\n'))
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
});

test('a program that is not there is an error as spawn() has it', { skip }, async () => {
  const { error, code } = await run('/nonexistent/program', ['x']);
  assert.ok(error instanceof Error);
  assert.equal(code, 127);
  assert.deepEqual(
    { ...error, message: error.message },
    {
      ...{ message: 'spawn /nonexistent/program ENOENT', errno: -2, code: 'ENOENT' },
      ...{ syscall: 'spawn /nonexistent/program', path: '/nonexistent/program', spawnargs: ['x'] },
    },
  );
});

test('a mount point that is not there is named', { skip }, async () => {
  const { error, code } = await run('true', [], { mount: '/nonexistent' });
  assert.ok(error instanceof TokenError, String(error));
  assert.equal(error.reason, 'cannot_delegate');
  assert.match(error.message, /^Cannot mount a bpf file system at \/nonexistent: ENOENT: .*make it/);
  assert.equal(code, 125);
});

test('without the right to delegate the error says what is needed', { skip }, async () => {
  const script = `
    import { spawnWithToken } from '${new URL('../../src/testing/index.js', import.meta.url).href}';
    spawnWithToken('true', [], { delegation: 'any' }).on('error', (error) => console.log(error.message));`;
  const { output } = await run(process.execPath, ['--input-type=module', '-e', script], {
    capabilities: ['sys_admin', 'setuid', 'setgid', 'setfcap'],
  });
  assert.match(
    output,
    /^Cannot set the mount option delegate_cmds=0xf+: EPERM: .*CAP_SYS_ADMIN in the initial user/,
  );
});

test('mistakes in the arguments are thrown at once', () => {
  assert.throws(
    () => spawnWithToken('true', [], { shel: true } as SpawnWithTokenOptions),
    /unknown option "shel"/,
  );
  assert.throws(() => spawnWithToken('true', [], { delegation: { maps: ['hahs'] } }), /"hash"/);
  assert.throws(() => spawnWithToken('true', [], { capabilities: ['bfp' as 'bpf'] }), /"bpf"/);
});

test('a kernel without tokens is named as such', {
  skip: isRoot ? (tokens ? 'this kernel has BPF tokens' : false) : 'needs root',
}, async () => {
  const { error, code } = await run('true', []);
  assert.ok(error instanceof NotSupportedError, String(error));
  assert.equal(error.feature, 'BPF tokens');
  assert.match(error.message, /^Cannot delegate BPF: this kernel has no BPF tokens: they need Linux 6\.9$/);
  assert.equal(code, 125);
});
