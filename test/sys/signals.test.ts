// depends on: runtime
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { BpfError } from '../../src/errors/index.ts';
import { signalsSent } from '../../src/sys/index.ts';

test('signals that processes send are counted, however often listeners change', async (t) => {
  // Listeners for signals do not keep a process alive.
  const alive = setInterval(() => {}, 1e8);
  t.after(() => clearInterval(alive));
  for (let round = 0; round < 3; round++) {
    const seen = once(process, 'SIGWINCH');
    assert.equal(signalsSent('SIGWINCH'), 0);
    process.kill(process.pid, 'SIGWINCH');
    await seen;
    const again = once(process, 'SIGWINCH');
    assert.equal(signalsSent('SIGWINCH'), 1, 'counted before the listener left');
    process.kill(process.pid, 'SIGWINCH');
    assert.equal(signalsSent('SIGWINCH'), 1, 'counted when it arrives, before the listener hears of it');
    assert.equal(signalsSent('SIGWINCH'), 0);
    await again;
  }
});

test('a signal that nobody listens for has nobody to ask', () => {
  const problem = 'Cannot tell who sends SIGTTOU: EINVAL: this process has no listener for it';
  assert.throws(
    () => signalsSent('SIGTTOU'),
    (error) => BpfError.is(error) && error.code === 'EINVAL' && error.message === problem,
  );
});
