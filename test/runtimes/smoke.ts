/**
 * Checks what every runtime must be able to do with the package, which is imported by its name, as users do. This is a
 * plain program, because the test runners of the runtimes differ. It prints a line `ok NAME` or `not ok NAME` for each
 * check.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import process from 'node:process';
import { BpfMap, Program, struct, u32, u64, VerifierError } from 'ebpf-ts';
import * as asm from 'ebpf-ts/asm';
import { add, atomicAdd, call, exit, jeq, label, loadMap, mov, r0, r1, r2, r6, r10, st } from 'ebpf-ts/asm';
import { haveMapType } from 'ebpf-ts/features';
import { PerfBuffer } from 'ebpf-ts/perf';
import { RingBuffer } from 'ebpf-ts/ringbuf';
import { getCapabilities, Poller, pidfdOpen, readCapabilities } from 'ebpf-ts/sys';
import { outputToPerf, outputToRing } from '../write-records.ts';
import { recordChecks } from './records.ts';

const checks: Readonly<Record<string, () => void | Promise<void>>> = {
  ...recordChecks,

  'the native part loads and answers': () => {
    assert.equal(getCapabilities().effective, readCapabilities('self').effective);
  },

  'a map is created, written, read, walked through and emptied': () => {
    using map = BpfMap.create({ type: 'hash', key: u32, value: struct({ a: u32, b: u64 }), maxEntries: 8 });
    for (const key of [1, 2, 3]) map.set(key, { a: key, b: 1n << 60n });
    assert.deepEqual(map.get(2), { a: 2, b: 1n << 60n });
    assert.deepEqual([...map].map(([key]) => key).sort(), [1, 2, 3]);
    assert.equal(map.delete(1), true);
    assert.equal(map.get(1), undefined);
  },

  'the memory of a map is mapped, and gone when it is closed': () => {
    using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
    const values = map.mmap();
    values.set(3, 7n);
    assert.equal(map.get(3), 7n);
    values.close();
    assert.throws(() => values.get(3));
  },

  'a program is loaded off the event loop, run, and counts in a map': async () => {
    using hits = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 16 });
    hits.set(7, 41n);
    using program = await Program.load({
      type: 'socket_filter',
      instructions: [
        ...[st('u32', r10, -4, 7), loadMap(r1, hits), mov(r2, r10), add(r2, -4), call('map_lookup_elem')],
        ...[jeq(r0, 0, 'out'), mov(r1, 1), atomicAdd('u64', r0, 0, r1), mov(r0, 1)],
        ...[label('out'), exit()],
      ],
    });
    assert.equal(program.testRun({ data: new Uint8Array(64) }).returnValue, 1);
    assert.equal(hits.get(7), 42n);
  },

  'a refused program comes with the line that says why': async () => {
    const load = Program.load({ type: 'socket_filter', instructions: [exit()] });
    await assert.rejects(
      load,
      (error) => error instanceof VerifierError && /R0 !read_ok/.test(error.message),
    );
  },

  'features are found': () => {
    assert.equal(haveMapType('hash').answer, 'yes');
  },

  'waiting for a descriptor leaves the event loop free': async () => {
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.once('spawn', resolve));
    assert.ok(child.pid);
    using poller = new Poller();
    using process = pidfdOpen(child.pid);
    const ended = poller.wait(process);
    setImmediate(() => child.stdin.end());
    assert.equal(await ended, true);
  },

  'records of a program are waited for': async () => {
    using ring = BpfMap.create({ type: 'ringbuf', maxEntries: 4096 });
    using perf = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32, maxEntries: 1024 });
    using program = await Program.load({
      type: 'sched_cls',
      license: 'GPL',
      instructions: [
        ...[mov(r6, r1), st('u64', r10, -8, 7)],
        ...outputToRing(asm, ring, { data: -8, size: 8 }, 0),
        ...outputToPerf(asm, perf, { data: -8, size: 8 }, r6),
        exit(),
      ],
    });
    using records = RingBuffer.open(ring, { value: u64 });
    using samples = PerfBuffer.open(perf, { value: u64 });
    for (const reader of [records, samples]) {
      reader.take();
      const waiting = reader[Symbol.asyncIterator]().next();
      setImmediate(() => program.testRun({ data: new Uint8Array(64) }));
      assert.equal((await waiting).value, 7n);
      reader.close();
    }
  },
};

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed = true;
    console.log(`not ok ${name}`);
    console.log(error);
  }
}
console.log(`checks: ${Object.keys(checks).length}`);
process.exitCode = failed ? 1 : 0;
