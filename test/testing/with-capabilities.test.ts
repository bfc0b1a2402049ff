// depends on: runtime
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Capability, capabilitiesOf, getCapabilities } from '../../src/sys/index.ts';
import { withCapabilities } from '../../src/testing/index.ts';
import { skip } from './support.ts';

const before = getCapabilities();
const effective = (): string => capabilitiesOf(getCapabilities().effective).join();

/** A promise, and the function that settles it. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

afterEach(() => assert.deepEqual(getCapabilities(), before));

test('a function has these capabilities, and nothing after it has', { skip }, () => {
  assert.equal(withCapabilities(['net_admin', 'bpf'], effective), 'net_admin,bpf');
  assert.equal(withCapabilities([], effective), '');
  const anyCase = ['CAP_NET_ADMIN', 'Bpf'] as unknown as Capability[];
  assert.equal(withCapabilities(anyCase, effective), 'net_admin,bpf');
  assert.deepEqual(getCapabilities(), before);
  const fail = (): never => {
    throw new Error('x');
  };
  assert.throws(() => withCapabilities([], fail), /^Error: x$/);
  assert.deepEqual(getCapabilities(), before);
  assert.throws(() => withCapabilities(['bfp' as 'bpf'], () => {}), /"bpf"/);
});

test('they last until a promise settles', { skip }, async () => {
  const later = withCapabilities(['bpf'], async () => {
    await nextTurn();
    return effective();
  });
  assert.equal(effective(), 'bpf', 'all of the thread has them');
  assert.equal(await later, 'bpf');
  assert.deepEqual(getCapabilities(), before);
  await assert.rejects(
    withCapabilities([], () => Promise.reject(new Error('y'))),
    /^Error: y$/,
  );
  assert.deepEqual(getCapabilities(), before);
});

test('whatever can be waited for counts as a promise', { skip }, async () => {
  // It starts when it is awaited, like the queries of some libraries.
  // biome-ignore lint/suspicious/noThenProperty: such a thing is what is tested
  const lazy = { then: (resolve: (value: string) => void): void => resolve(effective()) };
  assert.equal(await withCapabilities(['bpf'], () => lazy as unknown as Promise<string>), 'bpf');
});

const inUse = (asked: string, other: string): { code: string; message: string } => ({
  code: 'ERR_BPF_IN_USE',
  message: `Cannot run with ${asked}: a call of withCapabilities with ${other} has not settled, and the whole thread has its capabilities: await it first`,
});

test('a call beside one that has not settled is refused', { skip }, async () => {
  const { passed, open } = gate();
  let ran = false;
  const first = withCapabilities(['bpf'], async () => {
    await passed;
    return effective();
  });
  const second = (): unknown =>
    withCapabilities(['perfmon'], () => {
      ran = true;
    });
  assert.throws(second, inUse('CAP_PERFMON', 'CAP_BPF'));
  await assert.rejects(async () => second(), inUse('CAP_PERFMON', 'CAP_BPF'));
  assert.equal(ran, false);
  open();
  assert.equal(await first, 'bpf');
  assert.deepEqual(getCapabilities(), before);
  second();
  assert.equal(ran, true);
});

test('calls inside one another each have their own', { skip }, async () => {
  const seen = await withCapabilities(['bpf', 'perfmon'], async () => {
    const found = [effective()];
    found.push(withCapabilities(['perfmon'], effective));
    await nextTurn();
    found.push(effective());
    await withCapabilities(['net_admin'], async () => {
      await nextTurn();
      found.push(effective());
      await assert.rejects(
        withCapabilities([], () => Promise.reject(new Error('inside'))),
        /^Error: inside$/,
      );
      found.push(effective());
    });
    found.push(effective());
    return found;
  });
  assert.deepEqual(seen, [
    ...['perfmon,bpf', 'perfmon', 'perfmon,bpf'],
    ...['net_admin', 'net_admin', 'perfmon,bpf'],
  ]);
});

test('two at once inside another are refused as well', { skip }, async () => {
  await withCapabilities(['bpf'], async () => {
    const one = withCapabilities(['perfmon'], () => nextTurn());
    assert.throws(() => withCapabilities(['net_admin'], () => {}), inUse('CAP_NET_ADMIN', 'CAP_PERFMON'));
    await one;
    assert.equal(effective(), 'bpf');
  });
});

test('a call waits for one inside it that nobody waits for', { skip }, async () => {
  const { passed, open } = gate();
  let seen = '';
  const outer = withCapabilities(['bpf'], async () => {
    void withCapabilities(['perfmon'], async () => {
      await passed;
      seen = effective();
    });
  });
  await nextTurn();
  assert.equal(effective(), 'perfmon');
  open();
  await outer;
  assert.equal(seen, 'perfmon');
  assert.deepEqual(getCapabilities(), before);
});

test('one that cannot wait for it is an error, and still restores', { skip }, async () => {
  const { passed, open } = gate();
  let inner: Promise<string> | undefined;
  const start = (): void => {
    inner = withCapabilities(['perfmon'], async () => {
      await passed;
      return effective();
    });
  };
  assert.throws(() => withCapabilities(['bpf'], start), {
    code: 'ERR_BPF_IN_USE',
    message:
      'Cannot restore the capabilities: the function with CAP_BPF returned, but a call inside it has not settled: return its promise',
  });
  assert.equal(effective(), 'perfmon');
  open();
  assert.equal(await inner, 'perfmon');
  await nextTurn();
  assert.deepEqual(getCapabilities(), before);
});

test('what a call left behind may make calls when that is over', { skip }, async () => {
  const left = withCapabilities(['bpf'], () => new AsyncResource('left behind'));
  const inside = (): string => withCapabilities(['perfmon'], effective);
  assert.equal(left.runInAsyncScope(inside), 'perfmon');
  const { passed, open } = gate();
  const other = withCapabilities(['net_admin'], () => passed);
  assert.throws(() => left.runInAsyncScope(inside), inUse('CAP_PERFMON', 'CAP_NET_ADMIN'));
  open();
  await other;
});

test('a skipped test restores', { skip }, async (t) => {
  await t.test('skipped', async (sub) => {
    await withCapabilities(['bpf'], async () => {
      await nextTurn();
      sub.skip('for the test around it');
    });
  });
  assert.deepEqual(getCapabilities(), before);
});

const work = `
  const { parentPort, workerData } = require('node:worker_threads');
  Promise.all([import(workerData.testing), import(workerData.sys)]).then(async ([testing, sys]) => {
    const effective = () => sys.capabilitiesOf(sys.getCapabilities().effective).join();
    const before = effective();
    const inside = await testing.withCapabilities([workerData.capability], async () => {
      parentPort.postMessage('inside');
      await new Promise((resolve) => parentPort.once('message', resolve));
      return effective();
    });
    parentPort.postMessage({ inside, restored: effective() === before });
    parentPort.close();
  });`;

test('each thread has its own', { skip }, async () => {
  const [testing, sys] = ['testing', 'sys'].map(
    (layer) => new URL(`../../src/${layer}/index.js`, import.meta.url).href,
  );
  const capabilities: readonly Capability[] = ['bpf', 'perfmon'];
  const workers = capabilities.map(
    (capability) => new Worker(work, { eval: true, workerData: { capability, testing, sys } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const own = await withCapabilities(['net_admin'], async () => {
    const ends = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.postMessage('go on');
    const found = await Promise.all(ends);
    assert.deepEqual(
      found.flat(),
      capabilities.map((inside) => ({ inside, restored: true })),
    );
    return effective();
  });
  assert.equal(own, 'net_admin');
  await Promise.all(workers.map((worker) => worker.terminate()));
});
