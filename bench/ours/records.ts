/** Reading records that a BPF program has written before, in each form. */
import { BpfMap, bytes, Program, struct, u32, u64 } from 'ebpf-ts';
import * as asm from 'ebpf-ts/asm';
import { PerfBuffer } from 'ebpf-ts/perf';
import { RingBuffer } from 'ebpf-ts/ringbuf';
import type { Contender } from './serve.ts';

const RING_BYTES = 1 << 24;
const CURRENT_CPU = 0xffff_ffffn;
const { add, call, exit, jeq, label, loadImm64, loadMap, mov, r0, r1, r2, r3, r4, r5, r6, r10, stx } = asm;

type Reader<T = Uint8Array> = RingBuffer<T> | PerfBuffer<T>;
interface Pair {
  readonly a: bigint;
  readonly b: bigint;
}
type Form = (reader: Reader, typed: Reader<Pair>, count: number) => number | Promise<number>;

/** Keeps what was read, so that no compiler leaves the reading out. */
const kept: { total: number; record: unknown } = { total: 0, record: undefined };

/** How records are read. Each form touches every record, and returns how many there were. */
const forms: Readonly<Record<string, Form>> = {
  'in-place': (reader) =>
    reader.readInPlace((view, offset) => {
      kept.total += view.getUint32(offset, true);
    }),
  views: (reader) =>
    reader.readViews((record) => {
      kept.total += record[0] as number;
    }),
  read: (reader) =>
    reader.read((record) => {
      kept.total += record[0] as number;
    }),
  struct: (_, typed) =>
    typed.read((record) => {
      kept.record = record.a;
    }),
  take(reader) {
    const records = reader.take();
    for (const record of records) kept.total += record[0] as number;
    return records.length;
  },
  async batches(reader, _, count) {
    let seen = 0;
    for await (const records of reader.batches()) {
      for (const record of records) kept.total += record[0] as number;
      seen += records.length;
      if (seen >= count) break;
    }
    return seen;
  },
  async run(reader, _, count) {
    let seen = 0;
    await reader.run((record) => {
      kept.total += record[0] as number;
      return ++seen < count;
    });
    return seen;
  },
  async 'for-await'(reader, _, count) {
    let seen = 0;
    for await (const record of reader) {
      kept.total += record[0] as number;
      if (++seen === count) break;
    }
    return seen;
  },
};

function filler(instructions: asm.AsmItem[]): (count: number) => void {
  const program = Program.loadSync({ type: 'sched_cls', license: 'GPL', instructions });
  const data = new Uint8Array(64);
  return (count) => void program.testRun({ data, repeat: count });
}

function openRing(size: number, typed: boolean): { reader: Reader<never>; fill: (count: number) => void } {
  const map = BpfMap.create({ type: 'ringbuf', maxEntries: RING_BYTES });
  const fill = filler([
    ...[
      loadMap(r1, map),
      mov(r2, size),
      mov(r3, 0),
      call('ringbuf_reserve'),
      jeq(r0, 0, 'full'),
      mov(r6, r0),
    ],
    ...[call('ktime_get_ns'), stx('u64', r6, 0, r0), stx('u64', r6, 8, r0)],
    ...[mov(r1, r6), mov(r2, 0), call('ringbuf_submit'), label('full'), mov(r0, 0), exit()],
  ]);
  return { reader: RingBuffer.open(map, typed ? { value: PAIR } : {}) as Reader<never>, fill };
}

const PAIR = struct({ a: u64, b: u64 });

function openPerf(size: number, typed: boolean): { reader: Reader<never>; fill: (count: number) => void } {
  const map = BpfMap.create({ type: 'perf_event_array', key: u32, value: bytes(4), maxEntries: 4096 });
  const words = Array.from({ length: size / 8 }, (_, index) => stx('u64', r10, -8 * (index + 1), r0));
  const fill = filler([
    ...[
      mov(r6, r1),
      call('ktime_get_ns'),
      ...words,
      mov(r1, r6),
      loadMap(r2, map),
      loadImm64(r3, CURRENT_CPU),
    ],
    ...[mov(r4, r10), add(r4, -size), mov(r5, size), call('perf_event_output'), mov(r0, 0), exit()],
  ]);
  const options = { bufferSize: RING_BYTES };
  const reader = PerfBuffer.open(map, typed ? { ...options, value: PAIR } : options) as Reader<never>;
  return { reader, fill };
}

/** @param kind - `ring` or `perf` */
export function records(kind: string, form: string, size: number): Contender {
  const read = forms[form];
  if (read === undefined) throw new Error(`no form "${form}"`);
  const { reader, fill } = (kind === 'perf' ? openPerf : openRing)(size, form === 'struct');
  const check = (seen: number, count: number): void => {
    if (seen !== count) throw new Error(`${seen} records of ${count}`);
  };
  return {
    prepare: fill,
    run(count) {
      const seen = read(reader, reader, count);
      if (typeof seen === 'number') return check(seen, count);
      return seen.then((all) => check(all, count));
    },
  };
}
