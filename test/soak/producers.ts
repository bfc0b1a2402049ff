/**
 * Programs that write records of all lengths as fast as they are run. Each program numbers its records. If it numbers
 * those that find no room too, a reader sees from the gaps how many were dropped.
 */
import * as asm from '../../src/asm/index.ts';
import {
  type AsmItem,
  add,
  and,
  call,
  exit,
  ja,
  jeq,
  jne,
  label,
  ldx,
  loadMap,
  loadMapValue,
  mov,
  mul,
  r0,
  r1,
  r2,
  r3,
  r4,
  r6,
  r7,
  r8,
  r9,
  rsh,
  stx,
} from '../../src/asm/index.ts';
import { bytes, struct, u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { bpfAsync } from '../../src/sys/index.ts';
import { outputToPerf, outputToRing } from '../write-records.ts';

const SCRATCH = 2048;
const SHORTEST = 16;
/** The mask for the number that decides the length of a record. */
const SPREAD = 1023;
/**
 * The masks that select records by number: one in 32 is reserved, worked on for a while and submitted. Before one in
 * 16, another record is reserved and discarded.
 */
const SLOW = { each: 31, at: 9, length: 24, work: 300 };
const DISCARDED = { each: 15, at: 7 };

const state = struct({ next: u64, dropped: u64 });

export interface Producer {
  readonly id: number;
  /** How many records it has written, and how many found no room, as it counts them itself. */
  counts(): { written: bigint; dropped: bigint };
  /** Runs it on another thread, again and again, until the signal aborts. */
  go(signal: AbortSignal): Promise<void>;
  /** Runs it once. */
  once(): Promise<void>;
  close(): void;
}

/** The length of a producer's record. */
export function lengthOf(sequence: bigint, slow: boolean): number {
  if (slow && (sequence & BigInt(SLOW.each)) === BigInt(SLOW.at)) return SLOW.length;
  return SHORTEST + Number((BigInt.asUintN(64, sequence * 40_503n) >> 3n) & BigInt(SPREAD));
}

/**
 * Checks a record, which holds its number, its writer, and at its end the number again. Returns the problem, if there
 * is one.
 */
export function problemOf(
  record: Uint8Array,
  id: number,
  sequence: bigint,
  length: number,
): string | undefined {
  if (record.length < length) return `record ${sequence} of ${id} has ${record.length} bytes, not ${length}`;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const number = view.getBigUint64(0, true);
  if (number !== sequence) return `expected record ${sequence} of ${id}, got ${number}`;
  if (length >= 24 && view.getBigUint64(length - 8, true) !== sequence)
    return `record ${sequence} of ${id} is torn`;
  return undefined;
}

/** The number that a record begins with. */
export const numberOf = (record: Uint8Array): bigint =>
  new DataView(record.buffer, record.byteOffset, record.byteLength).getBigUint64(0, true);

export const writerOf = (record: Uint8Array): number =>
  new DataView(record.buffer, record.byteOffset, record.byteLength).getUint32(8, true);

interface Parts {
  readonly counters: BpfMap<number, { next: bigint; dropped: bigint }>;
  readonly scratch: BpfMap<number, Uint8Array>;
  /** Whether records that find no room have numbers too. */
  readonly gaps: boolean;
}

/** Makes a record in the scratch memory. Its number is in r7, its length in r8, its address in r9. */
const makeRecord = ({ counters, scratch }: Parts, id: number): AsmItem[] => [
  ...[loadMapValue(r1, counters, 0), ldx('u64', r7, r1, 0)],
  ...[mov(r8, r7), mul(r8, 40_503), rsh(r8, 3), and(r8, SPREAD), add(r8, SHORTEST)],
  ...[loadMapValue(r9, scratch, 0), mov(r1, id), stx('u64', r9, 0, r7), stx('u64', r9, 8, r1)],
  ...[jeq(r8, SHORTEST, 'short'), mov(r1, r9), add(r1, r8), ldx('u64', r2, r9, 0), stx('u64', r1, -8, r2)],
  // In records of up to 23 bytes, that has overwritten the writer's number.
  ...[mov(r1, id), stx('u64', r9, 8, r1), label('short')],
];

/** Counts a written record or, if r0 is not 0, a dropped one. */
const count = ({ counters, gaps }: Parts): AsmItem[] => [
  ...[label('count'), loadMapValue(r1, counters, 0), jne(r0, 0, 'dropped')],
  ...[add(r7, 1), stx('u64', r1, 0, r7), ja('out'), label('dropped')],
  ...[ldx('u64', r2, r1, 8), add(r2, 1), stx('u64', r1, 8, r2)],
  ...(gaps ? [add(r7, 1), stx('u64', r1, 0, r7)] : []),
  ...[label('out'), mov(r0, 0), exit()],
];

/**
 * A record without a wakeup also suppresses the wakeups of later records, until a record forces one. The ring must have
 * room for that record.
 */
const ROOM_FOR_SILENCE = 16_384;

function ringCode(ring: BpfMap, parts: Parts, id: number): AsmItem[] {
  const quiet = ring.maxEntries < ROOM_FOR_SILENCE ? 0 : 1;
  return [
    ...makeRecord(parts, id),
    ...[mov(r1, r7), and(r1, DISCARDED.each), jne(r1, DISCARDED.at, 'kept')],
    ...[loadMap(r1, ring), mov(r2, 40), mov(r3, 0), call('ringbuf_reserve'), jeq(r0, 0, 'kept')],
    ...[mov(r1, r0), mov(r2, 0), call('ringbuf_discard'), label('kept')],
    ...[mov(r1, r7), and(r1, SLOW.each), jeq(r1, SLOW.at, 'slow')],
    // BPF_RB_NO_WAKEUP, BPF_RB_FORCE_WAKEUP
    ...[mov(r4, 0), mov(r1, r7), and(r1, 7), jne(r1, 3, 'wakes'), mov(r4, quiet), label('wakes')],
    ...[jne(r1, 5, 'asUsual'), mov(r4, 2), label('asUsual')],
    ...[...outputToRing(asm, ring, { data: r9, size: r8 }), ja('count')],
    label('slow'),
    ...[loadMap(r1, ring), mov(r2, SLOW.length), mov(r3, 0), call('ringbuf_reserve')],
    ...[jne(r0, 0, 'reserved'), mov(r0, 1), ja('count'), label('reserved'), mov(r6, r0), mov(r8, SLOW.work)],
    ...[label('again'), jeq(r8, 0, 'done'), add(r8, -1), call('ktime_get_ns'), jne(r0, 0, 'again')],
    ...[label('done'), mov(r1, id), stx('u64', r6, 0, r7), stx('u64', r6, 8, r1), stx('u64', r6, 16, r7)],
    ...[mov(r1, r6), mov(r2, 0), call('ringbuf_submit'), mov(r0, 0)],
    ...count(parts),
  ];
}

function perfCode(perf: BpfMap, parts: Parts, cpu: number): AsmItem[] {
  return [
    ...[mov(r6, r1), ...makeRecord(parts, cpu)],
    ...outputToPerf(asm, perf, { data: r9, size: r8 }, r6),
    ...count(parts),
  ];
}

function producer(
  id: number,
  gaps: boolean,
  load: (parts: Parts) => Program,
  attr: (program: Program) => Parameters<typeof bpfAsync<'prog_test_run'>>[1],
): Producer {
  const one = { key: u32, maxEntries: 1, type: 'array' } as const;
  const counters = BpfMap.create({ ...one, value: state });
  const scratch = BpfMap.create({ ...one, value: bytes(SCRATCH) });
  const program = load({ counters, scratch, gaps });
  const once = async (): Promise<void> => {
    const result = await bpfAsync('prog_test_run', attr(program));
    if (result < 0) throw new Error(`prog_test_run: ${result}`);
  };
  return {
    id,
    counts() {
      const { next, dropped } = counters.get(0) ?? { next: 0n, dropped: 0n };
      return { written: gaps ? next - dropped : next, dropped };
    },
    async go(signal) {
      while (!signal.aborted) await once();
    },
    once,
    close() {
      for (const each of [program, counters, scratch]) each.close();
    },
  };
}

/** A program that writes records to a ring buffer. @param gaps - whether to number dropped records too */
export function ringProducer(ring: BpfMap, id: number, gaps: boolean): Producer {
  const data = new Uint8Array(64);
  return producer(
    id,
    gaps,
    (parts) =>
      Program.loadSync({ type: 'sched_cls', license: 'GPL', instructions: ringCode(ring, parts, id) }),
    ({ fd }) => ({ prog_fd: fd.value, data_in: data, data_size_in: data.length, repeat: 2000 }),
  );
}

/** A program that writes records to a CPU's perf buffer. It numbers dropped records too. */
export function perfProducer(perf: BpfMap, cpu: number): Producer {
  return producer(
    cpu,
    true,
    (parts) =>
      Program.loadSync({ type: 'raw_tracepoint', license: 'GPL', instructions: perfCode(perf, parts, cpu) }),
    ({ fd }) => ({ prog_fd: fd.value, flags: 1, cpu }),
  );
}
