// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { NotSupportedError, TokenError } from '../../src/errors/index.ts';
import { type SpawnWithTokenOptions, spawnWithToken } from '../../src/testing/index.ts';
import { type Capability, kernelHasTokens } from '../../src/token/index.ts';

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
    [['CAP_NET_ADMIN', 'PerfMon'], '000000c000001004'],
  ] as const) {
    const names = capabilities as readonly string[] as readonly Capability[];
    const { output } = await run('grep', ['Cap', '/proc/self/status'], { capabilities: names });
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

const testing = new URL('../../src/testing/index.js', import.meta.url).href;

/**
 * Runs a script in a Node process. `wrapper` is the shell command that starts it, with other limits, mounts or
 * namespaces.
 */
function inNode(wrapper: string, script: string): { status: number | null; stdout: string; stderr: string } {
  const code = `import { spawnWithToken, runWithToken } from '${testing}';\n${script}`;
  const words = ['-c', wrapper, 'sh', process.execPath, '--input-type=module', '-e', code];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  return spawnSync('sh', words, { encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL', env });
}

const REPORT = `
  export const report = (child) => new Promise((resolve) => {
    const seen = [];
    child.on('error', (error) => seen.push(error.message));
    child.on('close', (code, signal) => resolve(JSON.stringify([...seen, code ?? signal])));
  });`;

test('without descriptors, the error event says so', { skip }, () => {
  const { status, stdout, stderr } = inNode(
    'ulimit -n 64; exec "$@"',
    `import { closeSync, openSync } from 'node:fs';
    ${REPORT}
    const start = () => report(spawnWithToken('true', [], { delegation: { cmds: ['map_create'] } }));
    const first = await start();
    const held = [];
    try { for (;;) held.push(openSync('/dev/null')); } catch {}
    const outcomes = new Set();
    for (let free = 0; free < 6; free++) {
      outcomes.add(await start());
      closeSync(held.pop());
    }
    for (const fd of held) closeSync(fd);
    console.log([first, ...outcomes, await start()].join('\\n'));`,
  );
  assert.deepEqual([status, stderr], [0, '']);
  const [first, limited = '', ...more] = stdout.trim().split('\n');
  assert.equal(first, '[0]');
  assert.match(
    limited,
    /^\["Cannot start the namespace helper \S+: EMFILE: this process has no free descriptor left; [^"]+",-24\]$/,
  );
  // There were no other outcomes in between, and with free descriptors it works again.
  assert.deepEqual(more, ['[0]']);
});

test('without descriptors, a test under a token fails for that reason', { skip }, () => {
  const { status, stdout } = inNode(
    'ulimit -n 64; exec "$@"',
    `import { closeSync, openSync } from 'node:fs';
    import { test } from 'node:test';
    test('outer', async (t) => {
      // Loads what the first call loads.
      await t.test('skipped', (t) => runWithToken(t, 'under a token', 'any', () => {}, { skip: true }));
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      try {
        await t.test('inner', (t) => runWithToken(t, 'under a token', 'any', () => {}));
      } finally {
        for (const fd of held) closeSync(fd);
      }
    });`,
  );
  assert.equal(status, 1);
  assert.match(stdout, /Cannot start the namespace helper \S+: EMFILE/);
  assert.doesNotMatch(stdout, /Cannot read properties/);
});

test('a process that ends before it is looked at is no exception', { skip }, () => {
  // The descriptors are used up once the helper runs, so looking at a process must not need one.
  const { status, stdout, stderr } = inNode(
    'ulimit -n 100; exec "$@"',
    `import { openSync } from 'node:fs';
    ${REPORT}
    const ended = report(spawnWithToken('true', [], { delegation: { cmds: ['map_create'] }, stdio: 'inherit' }));
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(await ended);`,
  );
  assert.deepEqual([status, stdout, stderr], [0, '[0]\n', '']);
});

test('a set-up that fails without descriptors is told by its own error', { skip }, () => {
  const { status, stdout, stderr } = inNode(
    'ulimit -n 100; exec "$@"',
    `import { openSync } from 'node:fs';
    ${REPORT}
    const options = { delegation: { cmds: ['map_create'] }, stdio: 'inherit', mount: '/nonexistent' };
    const ended = report(spawnWithToken('true', [], options));
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(await ended);`,
  );
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^\["Cannot mount a bpf file system at \/nonexistent: ENOENT: [^"]+",125\]$/m);
});

test('with the /proc of another PID namespace it works, and nobody else is touched', { skip }, () => {
  const bystanders = '{ sleep 1000 & sleep 1000 & sleep 1000 & } >/dev/null 2>&1';
  const { status, stdout, stderr } = inNode(
    // The first processes of the namespace get low numbers. In /proc these numbers belong to other processes.
    `exec unshare -p --kill-child=KILL -f sh -c '${bystanders}; "$@"; echo $?' sh "$@"`,
    `${REPORT}
    const options = { delegation: { cmds: ['map_create'] }, stdio: ['ignore', 'inherit', 'inherit'] };
    const script = 'for i in 1 2 3; do setsid sleep 1000 & done; (setsid sleep 1000 &); grep -c " - bpf " /proc/self/mountinfo; exit 4';
    console.log(await report(spawnWithToken('sh', ['-c', script], options)));
    const killed = spawnWithToken('sh', ['-c', 'echo ready; exec sleep 1000'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    killed.stdout.once('data', () => killed.kill('SIGTERM'));
    console.log(await report(killed));
    console.log(await report(spawnWithToken('true', [], { ...options, mount: '/nonexistent' })));`,
  );
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^[1-9]\n\[4\]\n\["SIGTERM"\]\n\["Cannot mount [^\n]+,125\]\n0\n$/);
});

test('without /proc the error says so', { skip }, () => {
  for (const command of ['umount -l /proc', 'mount -t tmpfs none /proc']) {
    const { status, stdout } = inNode(
      `exec unshare -m sh -c '${command} && exec "$@"' sh "$@"`,
      `${REPORT}
      console.log(await report(spawnWithToken('true', [], { delegation: 'any', stdio: 'inherit' })));`,
    );
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^\["Cannot delegate BPF: ENOENT: \/proc\/self\/uid_map cannot be read: \/proc is not mounted, [^"]+",125\]\n$/,
    );
  }
});

test('a mount point that cannot be seen afterwards is refused', { skip }, async () => {
  const { error, code } = await run('true', [], { mount: '/' });
  assert.ok(error instanceof TokenError, String(error));
  assert.equal(error.code, 'ERR_BPF_TOKEN_READBACK');
  assert.equal(error.mount, '/');
  assert.match(error.message, /^Cannot delegate BPF at \/: .* would not see .*; name another directory$/);
  assert.equal(code, 125);
});

test('a uid or gid of its own takes the supplementary groups', { skip }, async () => {
  const groups = async (ids: SpawnWithTokenOptions): Promise<string> =>
    (await run('grep', ['^Groups:', '/proc/self/status'], ids)).output.trim();
  const before = process.getgroups?.() ?? [];
  process.setgroups?.([4, 6, 27]);
  try {
    assert.equal(await groups({}), 'Groups:\t4 6 27');
    assert.equal(await groups({ uid: 65534 }), 'Groups:');
    assert.equal(await groups({ gid: 65534 }), 'Groups:');
  } finally {
    process.setgroups?.(before);
  }
});

test('ids and counts out of range are thrown at once', () => {
  for (const id of ['uid', 'gid']) {
    for (const value of [-1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 65534, 2 ** 33, Number.NaN, 1.5]) {
      assert.throws(() => spawnWithToken('true', [], { [id]: value }), {
        name: 'RangeError',
        message: `${id} must be an integer from 0 to 4294967294, got ${value}`,
      });
    }
    for (const value of ['65534', 'nobody', {}]) {
      assert.throws(() => spawnWithToken('true', [], { [id]: value as number }), TypeError);
    }
  }
  const moreMounts = Array(16).fill({ path: '/tmp', delegation: 'any' });
  assert.throws(() => spawnWithToken('true', [], { moreMounts }), {
    name: 'RangeError',
    message: 'spawnWithToken: moreMounts must have at most 15 mounts, got 16',
  });
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
