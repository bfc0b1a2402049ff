// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { ClosedError } from '../../src/errors/index.ts';
import { Fd, Poller } from '../../src/sys/index.ts';

/** A FIFO opened in both directions: a pipe that needs no native code. */
function fifo(): { reader: Fd; write(): void; close(): void } {
  const path = `/tmp/ebpf-ts-fifo-${process.pid}-${Math.random().toString(36).slice(2)}`;
  spawnSync('mkfifo', [path]);
  const number = openSync(path, 'r+');
  spawnSync('rm', [path]);
  const reader = Fd.adopt(number, 'fifo');
  return { reader, write: () => void writeSync(number, 'x'), close: () => reader.close() };
}

test('wait answers when the descriptor is readable, for every waiter', async () => {
  const { reader, write, close } = fifo();
  using poller = new Poller();
  const waits = [poller.wait(reader), poller.wait(reader)];
  write();
  assert.deepEqual(await Promise.all(waits), [true, true]);
  assert.equal(await poller.wait(reader), true, 'still readable: answered again');
  close();
});

test('what is not a signal or a function is refused', async () => {
  const { reader, close } = fifo();
  using poller = new Poller();
  await assert.rejects(
    poller.wait(reader, {} as AbortSignal),
    /^TypeError: wait: signal must be an AbortSignal/,
  );
  assert.throws(
    () => poller.watch(reader, 1 as never),
    /^TypeError: watch: callback must be a function, got 1$/,
  );
  await assert.rejects(poller.wait(undefined as never), /^TypeError: wait: fd must be an Fd/);
  assert.throws(() => poller.watch(null as never, () => {}), /^TypeError: watch: fd must be an Fd/);
  close();
});

test('wait ends with false when it is aborted or the poller is closed', async () => {
  const { reader, close } = fifo();
  const poller = new Poller();
  const controller = new AbortController();
  const aborted = poller.wait(reader, controller.signal);
  const closed = poller.wait(reader);
  controller.abort();
  assert.equal(await aborted, false);
  assert.equal(await poller.wait(reader, controller.signal), false);
  poller.close();
  poller.close();
  assert.equal(await closed, false);
  await assert.rejects(poller.wait(reader), ClosedError);
  close();
});

test('what cannot be waited for is refused', async () => {
  const number = openSync('/etc/hostname', 'r');
  using file = Fd.adopt(number, 'a file');
  using poller = new Poller();
  await assert.rejects(poller.wait(file), { code: 'EPERM', syscall: 'epoll_ctl' });
});

test('an idle poller lets the process end, a waiting one keeps it', () => {
  const url = new URL('../../src/sys/index.js', import.meta.url).href;
  const run = (body: string): string =>
    spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `import { Poller, Fd } from '${url}';${body}`],
      {
        encoding: 'utf8',
        timeout: 20_000,
      },
    ).stdout;
  assert.equal(run("new Poller(); console.log('end')"), 'end\n');
  assert.equal(
    run(`import { openSync } from 'node:fs';
      const p = new Poller(); const fd = Fd.adopt(openSync('/dev/ptmx', 'r+'), 'tty');
      p.wait(fd).then(() => console.log('closed'));
      setImmediate(() => setImmediate(() => p.close()));`),
    'closed\n',
  );
});

test('watch calls back once for what is there and once for each new signal, however long nobody reads', async () => {
  const { reader, write, close } = fifo();
  using poller = new Poller();
  write();
  let calls = 0;
  let called = (): void => {};
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      called = resolve;
    });
  let waiting = next();
  const stop = poller.watch(reader, () => {
    calls++;
    called();
  });
  await waiting;
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, 1, 'readable all the time, and told once');
  waiting = next();
  write();
  await waiting;
  assert.equal(calls, 2);
  stop();
  stop();
  write();
  assert.equal(await poller.wait(reader), true, 'a descriptor that is no longer watched can be waited for');
  assert.equal(calls, 2);
  close();
});
