// depends on: runtime
import assert from 'node:assert/strict';
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { getCapabilities } from '../../src/sys/index.ts';

const needs = {
  skip: getCapabilities().effective === 0n ? 'loading programs needs capabilities' : false,
};

const at = (path: string): string => new URL(`../../src/${path}`, import.meta.url).href;

/** The BPF objects, and memory of BPF objects, that this process holds. */
function held(): string[] {
  const found: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (/bpf|btf|perf_event/.test(target)) found.push(target);
    } catch {
      // This was the descriptor that reads the folder.
    }
  }
  const mapped = readFileSync('/proc/self/maps', 'latin1').split('\n');
  return [...found, ...mapped.filter((line) => line.includes('bpf-map'))];
}

const BODY = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { BpfMap } from '${at('map/index.js')}';
  import { Program } from '${at('program/index.js')}';
  import { attachRawTracepoint } from '${at('link/index.js')}';
  import { RingBuffer } from '${at('ringbuf/index.js')}';
  import { u32, u64 } from '${at('bytes/codec/index.js')}';
  import { add, exit, jlt, label, mov, r0, r6 } from '${at('asm/index.js')}';
  const instructions = [mov(r0, 0), exit()];
  const slow = {
    type: 'socket_filter', name: 'slow',
    instructions: [mov(r6, 0), label('again'), add(r6, 1), jlt(r6, 20_000, 'again'), mov(r0, 0), exit()],
  };
  const say = (word) => parentPort.postMessage(word);
  const kept = [];
`;

interface Running {
  readonly worker: Worker;
  /** The first message of the worker. */
  readonly word: unknown;
  /** Settled when the worker has ended. */
  readonly gone: Promise<unknown>;
}

/** Starts a worker that runs `script`, and waits for its first message. */
async function run(script: string): Promise<Running> {
  const url = new URL(`data:text/javascript,${encodeURIComponent(BODY + script)}`);
  // Does not pass on the options of this process: its leak check would report what is left open on purpose.
  const worker = new Worker(url, { execArgv: [] });
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  const word = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.on('error', (error) => (error.message === 'on purpose' ? undefined : reject(error)));
  });
  return { worker, word, gone };
}

const EVERYTHING = `
  const array = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
  kept.push(array, array.mmap(), array.mmap({ writable: false }));
  for (let i = 0; i < 100; i++) kept.push(BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1 }));
  const program = await Program.load({ type: 'raw_tracepoint', instructions });
  kept.push(program, Program.loadSync({ type: 'socket_filter', instructions }));
  kept.push(attachRawTracepoint(program, { name: 'sys_enter' }));
  const ring = RingBuffer.open(BpfMap.create({ type: 'ringbuf', maxEntries: 4096 }));
  kept.push(ring.run(() => {}));
`;

for (const [how, script, end] of [
  [
    'is terminated',
    'parentPort.on("message", () => {}); say("ready");',
    (worker: Worker) => worker.terminate(),
  ],
  [
    'exits',
    'parentPort.on("message", () => process.exit()); say("ready");',
    (worker: Worker): void => worker.postMessage('exit'),
  ],
  ['throws', 'say("ready"); setTimeout(() => { throw new Error("on purpose"); });', (): void => {}],
] as const) {
  test(`everything that a worker holds goes with it when it ${how}`, needs, async () => {
    const before = held();
    const { worker, gone } = await run(EVERYTHING + script);
    assert.ok(held().length > before.length + 104 || how === 'throws', `${held().length} while it runs`);
    await end(worker);
    await gone;
    assert.deepEqual(held(), before);
  });
}

test('programs that are being loaded when their worker is terminated are closed', needs, async () => {
  const before = held();
  for (let i = 0; i < 3; i++) {
    const { worker } = await run(
      'kept.push(...Array.from({ length: 8 }, () => Program.load(slow))); say("loading");',
    );
    await worker.terminate();
    assert.deepEqual(held(), before);
  }
});

test('a program whose worker is terminated while it waits for it is closed', needs, async () => {
  const before = held();
  for (let i = 0; i < 3; i++) {
    const { worker } = await run(
      'kept.push(Program.loadSync(slow)); say("loading"); for (;;) kept.push(Program.loadSync(slow));',
    );
    await worker.terminate();
    assert.deepEqual(held(), before);
  }
});

test('a descriptor that was given up stays when its worker ends', needs, async () => {
  const { worker, word: fd } = await run(`
    const map = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1, name: 'given_up' });
    say(map.fd.release());`);
  await worker.terminate();
  try {
    assert.match(readlinkSync(`/proc/self/fd/${fd}`), /bpf-map/);
  } finally {
    closeSync(Number(fd));
  }
});
