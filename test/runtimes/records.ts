/**
 * A million records for each way in which memory is shared with programs. That is far beyond the point where a runtime
 * compiles the code that reads them. The content of each record is checked. Part of the smoke test.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type ArrayMap, BpfMap, Collection, Program, struct, u32, u64 } from 'ebpf-ts';
import * as asm from 'ebpf-ts/asm';
import { type AsmItem, exit, fetchAdd, loadMapValue, mov, r0, r1, r2, r6, r10, stx } from 'ebpf-ts/asm';
import { PerfBuffer } from 'ebpf-ts/perf';
import { RingBuffer, UserRingBuffer } from 'ebpf-ts/ringbuf';
import { outputToPerf, outputToRing } from '../write-records.ts';

const MILLION = 1_000_000;
/** How many records one run of a program writes. */
const EACH = 200;
/** On a slow machine, stop after this many milliseconds. */
const PATIENCE = 30_000;
const DRAINER = new URL('../../../test/fixtures/compiled/commands.el.clang19.o', import.meta.url);

type Counters = ArrayMap<number, bigint>;

const makeCounters = (): Counters =>
  BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1, flags: ['mmapable'] });

/** Instructions that put the next number at r10 - 8. */
const nextNumber = (counters: Counters): AsmItem[] => [
  ...[loadMapValue(r1, counters, 0), mov(r2, 1), fetchAdd('u64', r1, 0, r2), stx('u64', r10, -8, r2)],
];

/** Loads a program that writes records with the numbers 0, 1, 2 and so on. */
function emitter(one: readonly AsmItem[]): Program {
  const instructions = [mov(r6, r1), ...Array.from({ length: EACH }, () => one).flat(), mov(r0, 0), exit()];
  return Program.loadSync({ type: 'raw_tracepoint', license: 'GPL', instructions });
}

/** Runs the program and reads its records, by turns, until a million records have come or the time is over. */
function readMillion(program: Program, read: (each: (value: bigint) => void) => number): void {
  const end = performance.now() + PATIENCE;
  let expected = 0n;
  let wrong = 0;
  const check = (value: bigint): void => {
    if (value !== expected) wrong++;
    expected = value + 1n;
  };
  let count = 0;
  while (count < MILLION && performance.now() < end) {
    program.testRun({ flags: 1, cpu: 0 });
    const some = read(check);
    assert.equal(some, EACH);
    count += some;
  }
  assert.deepEqual([wrong, expected], [0, BigInt(count)]);
}

const first = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0, true);

export const recordChecks: Readonly<Record<string, () => void | Promise<void>>> = {
  // This check comes first: once a compiler has seen values of several types, it moves less out of loops.
  'a loop that only looks sees what a program changes meanwhile': async () => {
    assert.equal(await (await import('./look.ts')).unseenChanges(), 0);
  },

  'a million records of a ring buffer are read, decoded and in place': () => {
    using counters = makeCounters();
    using ring = BpfMap.create({ type: 'ringbuf', maxEntries: 65_536 });
    using program = emitter([...nextNumber(counters), ...outputToRing(asm, ring, { data: -8, size: 8 }, 0)]);
    using reader = RingBuffer.open(ring, { value: u64 });
    let turn = 0;
    readMillion(program, (each) => {
      switch (turn++ % 3) {
        case 0:
          return reader.read(each);
        case 1:
          return reader.readViews((bytes) => each(first(bytes)));
        default: {
          const records = reader.take();
          for (const record of records) each(record);
          return records.length;
        }
      }
    });
    assert.equal(reader.available, 0);
  },

  'many records of a perf buffer are read': () => {
    using counters = makeCounters();
    using perf = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32, maxEntries: 1024 });
    using program = emitter([...nextNumber(counters), ...outputToPerf(asm, perf, { data: -8, size: 8 }, r6)]);
    using reader = PerfBuffer.open(perf, { value: u64, wakeUp: { bytes: 32_768 } });
    readMillion(program, (each) => reader.read(each));
    assert.deepEqual([reader.lost, reader.available], [0, 0]);
  },

  'a million records of a user ring are written, and a variable is read after each few': () => {
    using collection = Collection.loadSync(readFileSync(DRAINER));
    const { commands } = collection.maps;
    const { drain } = collection.programs;
    const { sum } = collection.variables;
    assert.ok(commands && drain && sum);
    const value = struct({ kind: u32, weight: u32, value: u64 });
    using writer = UserRingBuffer.open(commands, { value });
    const end = performance.now() + PATIENCE;
    let expected = 0n;
    let wrong = 0;
    for (let count = 0; count < MILLION && performance.now() < end; ) {
      let some = 0;
      for (; some < 100; some++, count++) {
        if (!writer.write({ kind: 0, weight: 1, value: BigInt(count) })) break;
        expected += BigInt(count);
      }
      const reserved = writer.reserve(16);
      assert.ok(reserved);
      if (count % 200 === 0) reserved.discard();
      else {
        value.encode(new DataView(reserved.bytes.buffer, reserved.bytes.byteOffset), 0, {
          kind: 0,
          weight: 1,
          value: 1n,
        });
        reserved.submit();
        some++;
        expected++;
      }
      assert.equal(drain.testRun({ data: new Uint8Array(64) }).returnValue, some);
      if (sum.get() !== expected) wrong++;
    }
    assert.deepEqual([wrong, writer.available], [0, 0]);
  },

  'values of a mapped map are written and read a million times, also where they are mapped for reading':
    () => {
      using counters = makeCounters();
      using values = counters.mmap();
      using same = counters.mmap({ writable: false });
      let wrong = 0;
      for (let count = 0; count < MILLION; count++) {
        values.set(0, BigInt(count));
        if (same.get(0) !== BigInt(count) || values.get(0) !== BigInt(count)) wrong++;
      }
      assert.equal(wrong, 0);
    },
};
