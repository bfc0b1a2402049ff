// depends on: runtime
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { exit, fetchAdd, loadMapValue, mov, r0, r1, r2 } from '../../src/asm/index.ts';
import { u32, u64 } from '../../src/bytes/codec/index.ts';
import { type ArrayMap, BpfMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { needsLoading } from './needs.ts';

const ROUNDS = 2_000_000;

function counting(): { readonly runs: ArrayMap<number, bigint>; readonly program: Program } {
  const runs = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1, name: 'runs' });
  const program = Program.loadSync({
    type: 'socket_filter',
    name: 'counting',
    license: 'GPL',
    instructions: [loadMapValue(r1, runs, 0), mov(r2, 1), fetchAdd('u64', r1, 0, r2), mov(r0, 0), exit()],
  });
  return { runs, program };
}

/** Sends signals to this process while `body` runs: one each millisecond, at most 300. Returns how many were sent. */
async function inStorm(signal: NodeJS.Signals, body: () => void): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const storm = `
    const { parentPort, workerData: shared } = require('node:worker_threads');
    parentPort.postMessage('now');
    while (Atomics.load(shared, 1) === 0 && shared[0] < 300) {
      process.kill(process.pid, '${signal}');
      Atomics.add(shared, 0, 1);
      Atomics.wait(shared, 1, 0, 1);
    }`;
  const ignore = (): void => {};
  process.on(signal, ignore);
  const worker = new Worker(storm, { eval: true, workerData: shared });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  try {
    await new Promise((resolve) => worker.once('message', resolve));
    body();
    return Atomics.load(shared, 0);
  } finally {
    Atomics.store(shared, 1, 1);
    await ended;
    // Lets the process handle the last signals.
    await new Promise((resolve) => setImmediate(resolve));
    process.off(signal, ignore);
  }
}

test('a test run goes its rounds once, whatever signals come', needsLoading(), async () => {
  const { runs, program } = counting();
  try {
    const signals = await inStorm('SIGALRM', () => {
      program.testRun({ data: new Uint8Array(64), repeat: ROUNDS });
    });
    assert.equal(runs.get(0), BigInt(ROUNDS));
    assert.ok(signals > 1, `${signals} signals came meanwhile`);
  } finally {
    program.close();
    runs.close();
  }
});

test('a process that is asked to end can leave a test run, and is told so', needsLoading(), async () => {
  const { runs, program } = counting();
  try {
    await inStorm('SIGINT', () => {
      assert.throws(() => program.testRun({ data: new Uint8Array(64), repeat: 50 * ROUNDS }), {
        name: 'BpfError',
        code: 'EINTR',
        message:
          /^Cannot run program "counting" .*to the end: EINTR: the process was stopped or asked to end/,
      });
    });
    const rounds = runs.get(0) ?? 0n;
    assert.ok(rounds > 0n && rounds < BigInt(50 * ROUNDS), `${rounds} rounds`);
  } finally {
    program.close();
    runs.close();
  }
});

test('a profiler does not keep a test run from ending', needsLoading(), (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const entry = (layer: string): string => new URL(`../../src/${layer}/index.js`, import.meta.url).href;
  const script = `
    import { Program } from '${entry('program')}';
    import { exit, mov, r0 } from '${entry('asm')}';
    const program = Program.loadSync({ type: 'socket_filter', instructions: [mov(r0, 7), exit()] });
    console.log(program.testRun({ data: new Uint8Array(64), repeat: ${ROUNDS} }).returnValue);`;
  const profiler = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`];
  const output = execFileSync(process.execPath, [...profiler, '--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(output, '7\n');
});
