// depends on: kernel
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { resolveExecutable } from '../../../../src/link/file/executable/index.ts';
import { attachUprobe } from '../../../../src/link/index.ts';
import { withOnly } from '../../../features/privileges.ts';
import { counter, needsRoot } from '../../support.ts';
import { compile, FUNCTION, folder, SERVER, startServer } from '../uprobe-support.ts';

const resolve = (path: string, processId?: number): { path: string; shown: string } =>
  resolveExecutable('attachUprobe', path, processId);

/** Runs with another value of a variable of the environment. */
function withVariable<T>(name: string, value: string, run: () => T): T {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

test('a path of this process is taken as it is', () => {
  for (const processId of [undefined, -1, 0, process.pid]) {
    assert.deepEqual(resolve('/no/such file', processId), { path: '/no/such file', shown: '/no/such file' });
    assert.deepEqual(resolve('./relative', processId), { path: './relative', shown: './relative' });
  }
  assert.deepEqual(resolve('/proc/self/root/bin/sh', 1), { path: '/bin/sh', shown: '/bin/sh' });
  for (const path of ['', 'a\0b', 7 as never]) {
    assert.throws(() => resolve(path), { name: 'TypeError', message: /^attachUprobe: path must be a text/ });
  }
});

test('a library is found by its name', (t) => {
  if (!existsSync('/etc/ld.so.cache')) return t.skip('ldconfig is not installed, or there is no cache');
  const libc = resolve('libc.so.6');
  assert.equal(basename(libc.path), 'libc.so.6');
  assert.ok(existsSync(libc.path));
  // libc.so in a folder of libraries is a text for linkers.
  for (const name of ['libc', 'libc.so']) assert.deepEqual(resolve(name), libc);
  assert.throws(() => resolve('libcc.so.6'), {
    code: 'ENOENT',
    message:
      /^Cannot find library "libcc\.so\.6": ENOENT: it is not in .*\/etc\/ld\.so\.cache, .*\/usr\/lib.* \(did you mean .*"libc\.so\.6".*\): give its path$/,
  });
});

test('LD_LIBRARY_PATH comes before the cache', () => {
  const place = join(folder, 'libraries');
  mkdirSync(place);
  for (const name of ['libc.so.6', 'libown.so.1.9', 'libown.so.1.10', 'libown.so', 'libown.so.2.txt']) {
    writeFileSync(join(place, name), '');
  }
  mkdirSync(join(place, 'libown.so.7'));
  const found = (name: string): string =>
    withVariable('LD_LIBRARY_PATH', `relative::${place}:$ORIGIN`, () => resolve(name).path);
  assert.equal(found('libc.so.6'), join(place, 'libc.so.6'));
  // A folder is not a library, whatever its name is.
  for (const name of ['libown', 'libown.so']) assert.equal(found(name), join(place, 'libown.so.1.10'));
  assert.equal(found('libown.so.1.9'), join(place, 'libown.so.1.9'));
  assert.throws(
    () => found('libother.so'),
    (error: Error) => error.message.includes(`LD_LIBRARY_PATH (${place})`),
  );
});

test('a program is found in PATH, if it can be run', () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const place of [first, second]) {
    mkdirSync(place);
    writeFileSync(join(place, 'tool'), '');
  }
  chmodSync(join(second, 'tool'), 0o755);
  writeFileSync(join(second, 'libtool'), '');
  chmodSync(join(second, 'libtool'), 0o755);
  withVariable('PATH', `${first}:${second}`, () => {
    assert.equal(resolve('tool').path, join(second, 'tool'));
    // Some programs are called like libraries.
    assert.equal(resolve('libtool').path, join(second, 'libtool'));
    assert.throws(() => resolve('toool'), {
      code: 'ENOENT',
      message: `Cannot find program "toool": ENOENT: it is not in PATH (${first}, ${second}): give its path`,
    });
  });
  const before = process.cwd();
  process.chdir(second);
  try {
    assert.throws(
      () => withVariable('PATH', first, () => resolve('tool')),
      /PATH \(.*first\): the file in this folder is "\.\/tool": give its path$/,
    );
  } finally {
    process.chdir(before);
  }
});

test('this process knows what it has mapped', () => {
  const node = resolve(basename(process.execPath), 0);
  assert.deepEqual(readFileSync(node.path).subarray(0, 4), Buffer.from('\x7fELF', 'latin1'));
  assert.equal(resolve(basename(process.execPath), process.pid).path, node.path);
});

test('a process that is not there', needsRoot(), () => {
  assert.throws(() => resolve('libc.so.6', 2 ** 30), {
    code: 'ESRCH',
    message: `Cannot find the files of process ${2 ** 30}: ESRCH: there is no process ${2 ** 30}`,
  });
});

const WORK = `${FUNCTION} int work(int x) { __asm__ volatile(""); return x + 1; }`;

test('a path is one of the mount namespace of the watched process', needsRoot(), async (t) => {
  const program = compile(t, 'server', [], WORK, SERVER);
  if (program === undefined) return;
  const place = join(folder, 'place');
  mkdirSync(place);
  // What this process sees under the same names is another file.
  writeFileSync(join(place, 'real'), 'not a program');
  const script = `mount -t tmpfs none ${place} && cp ${program} ${place}/real && ln -s ${place}/real ${place}/link &&
    ln -s ${place}/loop ${place}/loop && mkdir ${place}/lib && ln -s /etc/../..${place}/real ${place}/lib/libreal.so.4 && exec ${place}/link`;
  const environment = { ...process.env, LD_LIBRARY_PATH: `${place}/lib` };
  const server = await startServer('unshare', ['-m', 'sh', '-c', script], environment);
  const { pid } = server;
  try {
    const inside = { path: `/proc/${pid}/root${place}/real`, shown: `${place}/link of process ${pid}` };
    const named = { ...inside, shown: `${place}/real of process ${pid}` };
    assert.deepEqual(resolve(`${place}/link`, pid), inside);
    assert.deepEqual(resolve(`/proc/${pid}/root${place}/link`), inside);
    assert.deepEqual(resolve(`/proc/${pid}/root/../..${place}/lib/../link`, process.pid), {
      ...inside,
      shown: `/../..${place}/lib/../link of process ${pid}`,
    });
    assert.deepEqual(resolve('real', pid), named);
    assert.deepEqual(resolve('libreal', pid), {
      ...inside,
      shown: `${place}/lib/libreal.so.4 of process ${pid}`,
    });
    for (const missing of ['loop', 'none', 'real/none/..']) {
      assert.throws(() => resolve(`${place}/${missing}`, pid), {
        code: 'ENOENT',
        message: `Cannot find ${place}/${missing} of process ${pid}: ENOENT: there is no such file, or this process may not look at it`,
      });
    }
    assert.throws(() => resolve('./real', pid), {
      name: 'TypeError',
      message: `attachUprobe: path must begin with / because process ${pid} has a mount namespace of its own, got "./real"`,
    });
    assert.throws(() => resolve('libnone.so', pid), {
      code: 'ENOENT',
      message: new RegExp(
        `^Cannot find library "libnone.so" of process ${pid}: ENOENT: it is not in the files that process ${pid} runs, LD_LIBRARY_PATH \\(${place}/lib\\), `,
      ),
    });
    using runs = counter('kprobe');
    using _link = attachUprobe(runs.program, { path: `${place}/link`, function: 'work', processId: pid });
    await server.work();
    assert.equal(runs.count(), 1);
  } finally {
    await server.stop();
  }
});

test('a process of another user is refused with the right that is missing', needsRoot(), async (t) => {
  const program = compile(t, 'other', [], WORK, SERVER);
  if (program === undefined) return;
  const server = await startServer(program);
  try {
    assert.equal(resolve(program, server.pid).path, program);
    assert.throws(() => withOnly([], () => resolve(program, server.pid)), {
      code: 'EACCES',
      message: new RegExp(
        `^Cannot find the files of process ${server.pid}: EACCES: .* it needs CAP_SYS_PTRACE, or .*/proc/self/root/PATH`,
      ),
    });
  } finally {
    await server.stop();
  }
});

test('a mapped file is probed although another one has its name now', needsRoot(), async (t) => {
  const program = compile(t, 'updated', [], WORK, SERVER);
  if (program === undefined) return;
  const server = await startServer(program);
  try {
    unlinkSync(program);
    copyFileSync('/bin/sh', program);
    const found = resolve('updated', server.pid);
    assert.match(found.path, new RegExp(`^/proc/${server.pid}/map_files/[0-9a-f]+-[0-9a-f]+$`));
    assert.equal(found.shown, `${program} (deleted)`);
    using runs = counter('kprobe');
    using _link = attachUprobe(runs.program, { path: 'updated', function: 'work', processId: server.pid });
    await server.work();
    assert.equal(runs.count(), 1);
  } finally {
    await server.stop();
  }
});

test('a symbolic link in a process’s root does not lead out of it', needsRoot(), async (t) => {
  const program = compile(t, 'rooted', ['-static'], WORK, SERVER);
  if (program === undefined) return;
  const root = join(folder, 'root');
  mkdirSync(join(root, 'bin'), { recursive: true });
  copyFileSync(program, join(root, 'bin/server'));
  symlinkSync('/bin/server', join(root, 'absolute'));
  symlinkSync('../../../../../../bin/server', join(root, 'bin/upwards'));
  const server = await startServer('chroot', [root, '/bin/server']);
  try {
    const path = `/proc/${server.pid}/root/bin/server`;
    for (const name of ['/absolute', '/bin/upwards', '/bin/server']) {
      assert.equal(resolve(name, server.pid).path, path);
    }
    using runs = counter('kprobe');
    using _link = attachUprobe(runs.program, { path: '/absolute', function: 'work', processId: server.pid });
    await server.work();
    assert.equal(runs.count(), 1);
  } finally {
    await server.stop();
  }
});
