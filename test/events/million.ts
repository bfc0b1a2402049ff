/**
 * Reads a million records through each form, and checks their content and order. A program of its own, because node:test
 * follows every promise, which makes iteration thirty times slower. Prints a line for each form.
 */
import assert from 'node:assert/strict';
import { struct, u32le } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { perfMap } from '../perf/support.ts';
import { type Filler, MARK, numberedWriter } from './support.ts';

const RECORDS = 1_000_000;
const AT_ONCE = 250_000;
const BYTES = 1 << 24;

const numbered = struct({ low: u32le, high: u32le, marked: u32le, rest: u32le });
type Numbered = { low: number; high: number; marked: number; rest: number };
type Reader<T> = RingBuffer<T> | PerfBuffer<T>;

/** Counts records and checks their numbers. Assertions of node:assert would take far longer than reading. */
class Checker {
  count = 0;
  wrong = 0;

  number(low: number, marked: number): void {
    if (low !== this.count || marked !== (low ^ MARK) >>> 0) this.wrong++;
    this.count++;
  }

  bytes(record: Uint8Array): void {
    const at = (index: number): number =>
      (record[index] as number) |
      ((record[index + 1] as number) << 8) |
      ((record[index + 2] as number) << 16) |
      ((record[index + 3] as number) << 24);
    this.number(at(0) >>> 0, at(8) >>> 0);
  }
}

type Plain = (reader: Reader<Uint8Array>, checker: Checker, until: number) => unknown;

const forms: Readonly<Record<string, Plain>> = {
  readInPlace: (reader, checker) =>
    reader.readInPlace((view, offset, length) => {
      if (length < 16) checker.wrong++;
      checker.number(view.getUint32(offset, true), view.getUint32(offset + 8, true));
    }),
  readViews: (reader, checker) => reader.readViews((record) => checker.bytes(record)),
  read: (reader, checker) => reader.read((record) => checker.bytes(record)),
  take(reader, checker) {
    for (const record of reader.take()) checker.bytes(record);
  },
  async batches(reader, checker, until) {
    for await (const records of reader.batches()) {
      for (const record of records) checker.bytes(record);
      if (checker.count === until) return;
    }
  },
  run: (reader, checker, until) =>
    reader.run((record) => {
      checker.bytes(record);
      return checker.count < until;
    }),
  async 'for await'(reader, checker, until) {
    for await (const record of reader) {
      checker.bytes(record);
      if (checker.count === until) break;
    }
  },
};

async function million(
  filler: Filler,
  read: (checker: Checker, until: number) => unknown,
  checker: Checker = new Checker(),
  atOnce: number = AT_ONCE,
): Promise<Checker> {
  while (checker.count < RECORDS) {
    const until = checker.count + atOnce;
    filler.fill(atOnce);
    await read(checker, until);
    assert.equal(checker.count, until);
  }
  return checker;
}

/** Records of perf buffers come in order only for each CPU, and the kernel may move the writer to another one. */
class UnorderedChecker extends Checker {
  readonly #seen = new Uint8Array(RECORDS);

  override number(low: number, marked: number): void {
    if (marked !== (low ^ MARK) >>> 0 || this.#seen[low] !== 0) this.wrong++;
    this.#seen[low] = 1;
    this.count++;
  }
}

async function ring(form: Plain): Promise<void> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: BYTES });
  using filler = numberedWriter(map);
  using reader = RingBuffer.open(map);
  const { wrong } = await million(filler, (checker, until) => form(reader, checker, until));
  assert.equal(wrong, 0);
  assert.deepEqual(reader.records, { received: RECORDS, bytes: RECORDS * 16, busyWaits: 0 });
  assert.equal(reader.available, 0);
}

async function structures(): Promise<void> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: BYTES });
  using filler = numberedWriter(map);
  using reader = RingBuffer.open<typeof map, Numbered>(map, { value: numbered });
  const { wrong } = await million(filler, (checker) =>
    reader.read(({ low, marked }) => checker.number(low, marked)),
  );
  assert.equal(wrong, 0);
}

/** Each form in turn. */
async function perf(): Promise<void> {
  using map = perfMap();
  using filler = numberedWriter(map);
  using reader = PerfBuffer.open(map, { bufferSize: BYTES, wakeUp: { events: 1000 } });
  const turns = Object.values(forms);
  let turn = 0;
  const { wrong } = await million(
    filler,
    (checker, until) => turns[turn++ % turns.length]?.(reader, checker, until),
    new UnorderedChecker(),
    AT_ONCE / 2,
  );
  assert.equal(wrong, 0);
  // 16 bytes and 4 more, to which the kernel pads them.
  assert.deepEqual(reader.records, { received: RECORDS, bytes: RECORDS * 20, busyWaits: 0, lost: 0 });
}

for (const [name, form] of Object.entries(forms)) {
  await ring(form);
  console.log(`ring buffer, ${name}`);
}
await structures();
console.log('ring buffer, structures');
await perf();
console.log('perf buffers');
