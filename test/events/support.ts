import * as asm from '../../src/asm/index.ts';
import {
  add,
  and,
  exit,
  ldx,
  loadMapValue,
  mov,
  r1,
  r6,
  r7,
  r8,
  r9,
  r10,
  stx,
  xor,
} from '../../src/asm/index.ts';
import { bytes, u32, u64le } from '../../src/bytes/codec/index.ts';
import { BpfMap, type PerfEventArrayMap, type RingMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { outputToPerf, outputToRing } from '../write-records.ts';

/** The length of the longest record of a {@link sizedWriter}. */
export const LONGEST = 511;
/** What the second half of a numbered record is the number's exclusive or with. */
export const MARK = 0x5a5a_5a5a;
/** BPF_F_TEST_RUN_ON_CPU */
const ON_CPU = 1;

type Buffer = RingMap | PerfEventArrayMap<number, number>;

const output = (
  map: Buffer,
  record: Parameters<typeof outputToRing>[2],
  context: asm.Register64,
): asm.AsmItem[] =>
  map.type === 'ringbuf' ? outputToRing(asm, map, record, 0) : outputToPerf(asm, map, record, context);

export interface Filler {
  /** Writes this many records of 16 bytes: numbers that go on, and their {@link MARK}. */
  fill(count: number): void;
  [Symbol.dispose](): void;
}

/** A program that numbers its records. */
export function numberedWriter(map: Buffer): Filler {
  const counter = BpfMap.create({ type: 'array', name: 'counter', key: u32, value: u64le, maxEntries: 1 });
  const program = Program.loadSync({
    type: 'sched_cls',
    name: 'numbers',
    license: 'GPL',
    instructions: [
      ...[mov(r6, r1), loadMapValue(r8, counter, 0), ldx('u64', r7, r8, 0)],
      ...[stx('u64', r10, -16, r7), mov(r9, r7), xor(r9, MARK), stx('u64', r10, -8, r9)],
      ...[add(r7, 1), stx('u64', r8, 0, r7)],
      ...output(map, { data: -16, size: 16 }, r6),
      exit(),
    ],
  });
  const data = new Uint8Array(64);
  return {
    fill: (count) => void program.testRun({ data, repeat: count }),
    [Symbol.dispose]() {
      program.close();
      counter.close();
    },
  };
}

export interface SizedWriter {
  /** Writes a record that starts with a number. Returns whether there was room. */
  write(value: number, length: number): boolean;
  [Symbol.dispose](): void;
}

/** A program that writes records of any length from 8 bytes on, on the first CPU. */
export function sizedWriter(map: Buffer): SizedWriter {
  const value = bytes(LONGEST + 1);
  const scratch = BpfMap.create({ type: 'array', name: 'scratch', key: u32, value, maxEntries: 1 });
  scratch.set(
    0,
    Uint8Array.from({ length: LONGEST + 1 }, (_, index) => index % 251),
  );
  const program = Program.loadSync({
    type: 'raw_tracepoint',
    name: 'sized',
    license: 'GPL',
    instructions: [
      ...[mov(r6, r1), ldx('u64', r7, r6, 0), loadMapValue(r8, scratch, 0), stx('u64', r8, 0, r7)],
      ...[ldx('u64', r9, r6, 8), and(r9, LONGEST)],
      ...output(map, { data: r8, size: r9 }, r6),
      exit(),
    ],
  });
  return {
    write(number, length) {
      const context = new Uint8Array(new BigUint64Array([BigInt(number), BigInt(length)]).buffer);
      return program.testRun({ context, flags: ON_CPU, cpu: 0 }).returnValue === 0;
    },
    [Symbol.dispose]() {
      program.close();
      scratch.close();
    },
  };
}

/** Checks a record of a {@link sizedWriter}. Perf buffers pad theirs. */
export function isRecord(record: Uint8Array, number: number, length: number, padded: boolean): boolean {
  if (padded ? record.length < length || record.length >= length + 8 : record.length !== length) return false;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (view.getUint32(0, true) !== number) return false;
  for (let at = 8; at < length; at++) if (record[at] !== at % 251) return false;
  return true;
}
