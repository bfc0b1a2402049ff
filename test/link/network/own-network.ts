import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openFile, setns } from '../../../src/sys/index.ts';

/** Runs `body` in a new network namespace, which only this thread enters. */
export async function inOwnNetwork(body: () => void | Promise<void>): Promise<void> {
  const maker = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const own = openFile('/proc/thread-self/ns/net', 'the network namespace of this thread');
  try {
    // It answers only in its new namespace.
    maker.stdin.write('ready\n');
    await once(maker.stdout, 'data');
    const other = openFile(`/proc/${maker.pid}/ns/net`, 'a new network namespace');
    if (typeof own === 'number' || typeof other === 'number') throw new Error('/proc is not readable');
    using entered = other;
    setns(entered);
    try {
      await body();
    } finally {
      setns(own);
    }
  } finally {
    maker.stdin.end();
    await once(maker, 'close');
    if (typeof own !== 'number') own.close();
  }
}
