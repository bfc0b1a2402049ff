// depends on: runtime
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { helperProgram } from '../../src/sys/index.ts';
import { kernelHasTokens } from '../../src/token/index.ts';
import { isRoot } from '../needs.ts';
import { cli, ebpfTs } from './run.ts';

const tokens = isRoot() && kernelHasTokens() === true;
const skip = tokens ? false : 'needs root in the initial user namespace, and a kernel with tokens';

const run = (...args: string[]): ReturnType<typeof ebpfTs> => ebpfTs(['token', 'run', ...args]);
const runAny = (...command: string[]): ReturnType<typeof ebpfTs> =>
  run('--delegate', 'any', '--', ...command);

test('the exit status passes through', { skip }, async () => {
  assert.equal((await runAny('sh', '-c', 'exit 7')).status, 7);
  assert.equal((await run('--delegate', 'any', 'true')).status, 0);
});

test('so does the signal that ends the program, also one that Node ignores or uses itself', {
  skip,
}, async () => {
  for (const name of ['SIGTERM', 'SIGKILL', 'SIGPIPE', 'SIGXFSZ', 'SIGUSR1', 'SIGSEGV', 'SIGQUIT'] as const) {
    const { signal, status } = await runAny('sh', '-c', `kill -${constants.signals[name]} $$`);
    assert.deepEqual([signal, status], [name, null]);
  }
});

test('for a real-time signal the exit status is 128 and its number', { skip }, async () => {
  for (const number of [34, 64]) {
    const { signal, status } = await runAny('sh', '-c', `kill -${number} $$`);
    assert.deepEqual([signal, status], [null, 128 + number]);
  }
});

test('as the first process of a container it ends with 128 and the number of any signal', {
  skip,
}, async () => {
  for (const name of ['SIGTERM', 'SIGKILL', 'SIGSEGV', 'SIGPIPE'] as const) {
    const number = constants.signals[name];
    const command = ['token', 'run', '--delegate', 'any', '--', 'sh', '-c', `kill -${number} $$`];
    const container = ['-p', '-f', '--mount-proc', process.execPath, cli, ...command];
    const child = spawn('unshare', container, { stdio: ['ignore', 'inherit', 'inherit'] });
    const end = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    assert.deepEqual(end, [128 + number, null], name);
  }
});

test('the program leaves its core, and the command none beside it', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const words = [cli, 'token', 'run', '--delegate', 'any', '--', 'sh', '-c', 'ulimit -c 0; kill -QUIT $$'];
  const shell = ['-c', 'ulimit -c unlimited && exec "$0" "$@"', process.execPath, ...words];
  const child = spawn('sh', shell, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  assert.deepEqual(await once(child, 'close'), [null, 'SIGQUIT']);
  assert.deepEqual(readdirSync(folder), []);
});

test('signals are passed on to the program', { skip }, async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const script = `process.once('${signal}', () => { console.log('got'); process.exit(3); });
      setInterval(() => {}, 1e8); console.log('ready');`;
    const words = [cli, 'token', 'run', '--delegate', 'any', '--', process.execPath, '-e', script];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (output === '') child.kill(signal);
      output += chunk;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    assert.deepEqual([output, status], ['ready\ngot\n', 3], signal);
  }
});

test('arguments, input and output are the program’s own', { skip }, async () => {
  const { stdout, stderr } = await runAny('sh', '-c', 'echo "$0|$1"; echo no >&2', '--cmds', 'a b');
  assert.deepEqual([stdout, stderr], ['--cmds|a b\n', 'no\n']);
});

test('a program that cannot be run is named', { skip }, async () => {
  const { status, stderr } = await runAny('no-such-program');
  const message = 'error: Cannot run no-such-program: ENOENT: there is no such program\n';
  assert.deepEqual([status, stderr], [127, message]);
  const data = await runAny('/etc/passwd');
  assert.deepEqual(
    [data.status, data.stderr],
    [126, 'error: Cannot run /etc/passwd: EACCES: it cannot be executed\n'],
  );
});

test('it is named whatever stands in its name', { skip }, async () => {
  const { status, stderr } = await runAny('no\nmounted 1 0:0');
  assert.deepEqual(
    [status, stderr],
    [127, 'error: Cannot run no\nmounted 1 0:0: ENOENT: there is no such program\n'],
  );
});

test('a helper that cannot be started is not taken for the program', { skip }, async (t) => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const copy = mkdtempSync(join(tmpdir(), 'ebpf-ts-cli-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(copy, name));
  cpSync(join(root, 'dist/lib'), join(copy, 'dist/lib'), { recursive: true });
  const helper = join(copy, 'dist/native', basename(helperProgram()));
  cpSync(join(root, 'dist/native'), join(copy, 'dist/native'), { recursive: true });
  rmSync(helper);
  const cause = async (): Promise<string> => {
    const words = [join(copy, 'dist/lib/cli/main.js'), 'token', 'run', '--delegate', 'any', '--', 'true'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    assert.equal(status, 125, stderr);
    return stderr;
  };
  assert.equal(
    await cause(),
    `error: Cannot start the namespace helper ${helper}: ENOENT: it does not exist; install the package again\n`,
  );
  cpSync(helperProgram(), helper);
  chmodSync(helper, 0o644);
  assert.match(
    await cause(),
    /^error: Cannot start the namespace helper \S+: EACCES: it is not executable; /,
  );
});

test('without /proc it says so', { skip }, () => {
  const words = [process.execPath, cli, 'token', 'run', '--delegate', 'any', '--', 'true'];
  const { status, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh', ...words],
    { encoding: 'utf8' },
  );
  assert.equal(status, 125);
  assert.match(stderr, /^error: Cannot delegate BPF: ENOENT: .* \/proc is not mounted/);
});

test('a mount point may be a link, and must be a directory that can be seen', { skip }, async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'ebpf-ts-cli-'));
  t.after(() => rmSync(place, { recursive: true }));
  symlinkSync(place, join(place, 'link'));
  writeFileSync(join(place, 'file'), '');
  const at = (path: string): ReturnType<typeof run> =>
    run('--delegate', 'any', '--mount', path, '--', 'grep', ' - bpf ', '/proc/self/mountinfo');
  const linked = await at(join(place, 'link'));
  assert.deepEqual([linked.status, linked.stderr], [0, '']);
  assert.ok(linked.stdout.includes(` ${place} `), linked.stdout);
  const file = await at(join(place, 'file'));
  assert.equal(file.status, 125);
  assert.match(
    file.stderr,
    /^error: Cannot mount .*\/file: ENOTDIR: it is not a directory; name another one\n$/,
  );
  const root = await at('/');
  assert.equal(root.status, 125);
  assert.match(root.stderr, /^error: Cannot delegate BPF at \/: .*; name another directory\n$/);
});

test('what is delegated is what was asked for, where it was asked for', { skip }, async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'ebpf-ts-cli-'));
  t.after(() => rmdirSync(place));
  const lists = ['--cmds', 'map_create:prog_load', '--maps', '0x6', '--progs', 'BPF_PROG_TYPE_XDP'];
  const command = ['grep', ` ${place} .* bpf `, '/proc/self/mountinfo'];
  const { stdout } = await run(...lists, '--attachs', 'any', '--mount', place, '--', ...command);
  assert.match(
    stdout,
    /delegate_cmds=map_create:prog_load,delegate_maps=hash:array,delegate_progs=xdp,delegate_attachs=any\n$/,
  );
});

test('a place that cannot be mounted at is named', { skip }, async () => {
  const { status, stderr } = await run('--delegate', 'any', '--mount', '/no/such/directory', '--', 'true');
  assert.equal(status, 125);
  assert.match(stderr, /^error: Cannot .*\/no\/such\/directory/);
});

test('nothing delegated is worth a warning', { skip }, async () => {
  const { stderr, status } = await run('--', 'true');
  assert.equal(status, 0);
  assert.equal(
    stderr,
    'warning: nothing is delegated, so there will be no token: name permissions, or use --delegate any\n',
  );
});

test('without the right to delegate it says so', { skip }, async () => {
  const again = [process.execPath, cli, 'token', 'run', '--delegate', 'any', '--', 'true'];
  const { stderr, status } = await runAny(...again);
  assert.equal(status, 125);
  assert.match(stderr, /^error: Cannot /);
});

const tokenless = isRoot() && kernelHasTokens() === false;
const skipTokens = tokenless ? false : 'needs root on a kernel without tokens';
test('a kernel without tokens is told of', { skip: skipTokens }, async () => {
  const { stderr, status } = await runAny('true');
  assert.equal(status, 125);
  assert.match(stderr, /^error: Cannot .*Linux 6\.9/);
});

/** A file that root may write: it names the program that the kernel starts for each crash. */
const PATTERN = '/proc/sys/kernel/core_pattern';
const isolated = (...words: string[]): ReturnType<typeof ebpfTs> =>
  run('--isolate', '--cmds', 'map_create', ...words);

test('an isolated program is another user, on its own', { skip }, async () => {
  const script = `id -u; echo $$; pattern=$(cat ${PATTERN}); echo "$pattern" > ${PATTERN}; echo x > /etc/ebpf-ts-probe; exit 9`;
  const { status, stdout, stderr } = await isolated('--', 'sh', '-c', script);
  assert.deepEqual([status, stdout], [9, '0\n2\n']);
  assert.equal(
    stderr.match(/Permission denied/g)?.length ?? stderr.match(/can't create/g)?.length,
    2,
    stderr,
  );
  assert.equal(existsSync('/etc/ebpf-ts-probe'), false);
  assert.equal((await isolated('--', 'sh', '-c', 'kill -TERM $$')).signal, 'SIGTERM');
});

test('what an isolated program needs and cannot reach is named', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-closed-'));
  const { status, stderr } = await isolated('--readable', folder, '--', 'true');
  rmdirSync(folder);
  assert.equal(status, 125);
  assert.match(
    stderr,
    new RegExp(`^error: Cannot isolate: ${folder} is closed to other users \\(mode 0700\\)`),
  );
  const useless = await run('--cmds', 'map_create', '--readable', '/', '--', 'true');
  assert.deepEqual([useless.status, useless.stderr], [2, 'error: readable: only with isolate\n']);
});
