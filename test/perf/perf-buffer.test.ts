// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { struct, u32le, u64le } from '../../src/bytes/codec/index.ts';
import type { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { onlineCpus, openDescriptors } from '../../src/sys/index.ts';
import { ring } from '../ringbuf/support.ts';
import { LONGEST, needsRoot, perfMap, type Writer, writer } from './support.ts';

const PAGE = 4096;

const send = (program: Writer, ...values: bigint[]): void => {
  for (const value of values) assert.ok(program.write(value));
};

test('records are read in order, as bytes, through a codec, and in place', needsRoot(), () => {
  using map = perfMap();
  using program = writer(map);
  const plain = PerfBuffer.open(map);
  send(program, 1n);
  program.write(2n, 0, 13);
  // A record has a header, a length word and the data, and its size is rounded up to a multiple of 8.
  assert.equal(plain.available, 24 + 32);
  const lengths: number[] = [];
  assert.equal(
    plain.read((record) => void lengths.push(record.length)),
    2,
  );
  assert.deepEqual(lengths, [12, 20]);
  assert.deepEqual([plain.available, plain.take()], [0, []]);

  send(program, 3n, 4n, 5n);
  const seen: bigint[] = [];
  let kept = new Uint8Array();
  const count = plain.readViews((view) => {
    kept = view as Uint8Array<ArrayBuffer>;
    seen.push(new DataView(view.buffer, view.byteOffset).getBigUint64(0, true));
    return seen.length < 2;
  });
  assert.deepEqual([count, seen], [2, [3n, 4n]]);
  plain.close();
  assert.equal(kept.length, 0, 'what was taken from the mapping is empty after close');

  using typed = PerfBuffer.open(map, { value: u64le });
  send(program, 6n, 7n);
  assert.deepEqual(typed.take({ limit: 1 }), [6n]);
  assert.deepEqual(typed.take(), [7n]);
});

test('records of several CPUs are read, and which CPU they are of is known', needsRoot(), async (t) => {
  const cpus = onlineCpus();
  if (cpus.length < 2) return t.skip('needs a second CPU');
  using map = perfMap();
  using program = writer(map);
  using reader = PerfBuffer.open(map, { value: u64le });
  for (const cpu of cpus) for (let n = 0; n < 300; n++) program.write(BigInt(cpu * 1000 + n), cpu);
  const next = new Map(cpus.map((cpu) => [cpu, cpu * 1000]));
  const read = reader.read((value) => {
    const cpu = reader.cpu ?? -1;
    assert.equal(Number(value), next.get(cpu), 'in order, each CPU for itself');
    next.set(cpu, Number(value) + 1);
  });
  assert.equal(read, cpus.length * 300);
  const iterator = reader[Symbol.asyncIterator]();
  for (const cpu of cpus) {
    const waiting = iterator.next();
    void setImmediate().then(() => program.write(5n, cpu));
    assert.deepEqual(await waiting, { value: 5n, done: false });
    assert.equal(reader.cpu, cpu);
  }
});

test('a CPU that never stops does not keep the others from being read', needsRoot(), (t) => {
  const cpus = onlineCpus();
  if (cpus.length < 2) return t.skip('needs a second CPU');
  using map = perfMap();
  using program = writer(map);
  using reader = PerfBuffer.open(map, { value: u64le });
  for (let n = 0; n < 300; n++) send(program, 0n);
  program.write(1n, cpus[1]);
  let others = 0;
  reader.read((value) => {
    if (value === 1n) return false;
    // Writes one more record for each record that is read.
    program.write(0n);
    return ++others < 1000;
  });
  assert.ok(others <= 256, `${others} of the first CPU before the one of the second`);
});

test('records wrap around the end of the buffer, whole, however long', needsRoot(), () => {
  using map = perfMap();
  using program = writer(map);
  using reader = PerfBuffer.open(map, { bufferSize: PAGE });
  // The last length is most of the buffer: two such records do not fit.
  for (const length of [13, 500, 1999, 3000, 4000]) {
    for (let n = 0; n < 40; n++) {
      assert.ok(program.write(BigInt(n), 0, length), `${length} bytes, number ${n}`);
      const check = (record: Uint8Array): void => {
        assert.equal(new DataView(record.buffer, record.byteOffset).getBigUint64(0, true), BigInt(n));
        assert.ok(record.length >= length && record.length < length + 8);
        for (let at = 8; at < length; at++) if (record[at] !== at % 251) assert.fail(`byte ${at}`);
      };
      const count = n % 2 === 0 ? reader.read(check) : reader.readViews(check);
      assert.equal(count, 1);
    }
  }
  assert.equal(reader.lost, 0);
});

test('records that found no room are counted, and room is there again after reading', needsRoot(), () => {
  using map = perfMap();
  using program = writer(map);
  const told: [number, number][] = [];
  using reader = PerfBuffer.open(map, {
    value: u64le,
    bufferSize: PAGE,
    lost: (count, cpu) => told.push([count, cpu]),
  });
  let fits = 0;
  while (program.write(BigInt(fits))) fits++;
  for (let n = 0; n < 4; n++) assert.equal(program.write(99n), false);
  assert.ok(fits >= PAGE / 24 - 2, `${fits} records of 24 bytes`);
  assert.equal(reader.lost, 0, 'told with the next record that fits');
  const values = reader.take();
  assert.deepEqual(
    values,
    Array.from(values, (_, index) => BigInt(index)),
  );
  assert.equal(values.length, fits);
  send(program, 7n);
  assert.deepEqual(reader.take(), [7n]);
  assert.deepEqual([reader.lost, told], [5, [[5, 0]]]);
  assert.equal(program.write(1n, 0, LONGEST), false, 'longer than the buffer');
  send(program, 8n);
  assert.deepEqual([reader.take(), reader.lost], [[8n], 6]);
});

test('iteration, batches and run wait for records', needsRoot(), async () => {
  using map = perfMap();
  using program = writer(map);
  using reader = PerfBuffer.open(map, { value: u64le });
  for (let round = 0n; round < 50n; round++) {
    const waiting = reader[Symbol.asyncIterator]().next();
    if (round % 2n === 0n) await setImmediate();
    send(program, round);
    assert.deepEqual(await waiting, { value: round, done: false });
  }
  void setImmediate().then(() => send(program, 3n, 4n));
  for await (const batch of reader.batches()) {
    assert.deepEqual(batch, [3n, 4n]);
    break;
  }
  const seen: bigint[] = [];
  const controller = new AbortController();
  const running = reader.run(
    (value) => {
      seen.push(value);
      if (value === 6n) controller.abort();
    },
    { signal: controller.signal },
  );
  send(program, 5n);
  void setImmediate().then(() => send(program, 6n, 7n));
  await running;
  assert.deepEqual(seen, [5n, 6n]);
  await reader.run((value) => value !== 7n);
  await reader.run(() => {}, { signal: AbortSignal.timeout(1) });
});

test('a reader that waits is woken as seldom as asked for', needsRoot(), async () => {
  for (const wakeUp of [{ events: 3 }, { bytes: 60 }]) {
    using map = perfMap();
    using program = writer(map);
    using reader = PerfBuffer.open(map, { value: u64le, wakeUp });
    const waiting = reader.batches().next();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    send(program, 1n, 2n);
    let settled = false;
    void waiting.then(() => {
      settled = true;
    });
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.equal(settled, false);
    send(program, 3n);
    assert.deepEqual(await waiting, { value: [1n, 2n, 3n], done: false });
  }
});

test('closing ends every wait and leaves nothing behind', needsRoot(), async () => {
  using map = perfMap();
  using program = writer(map);
  const before = openDescriptors().length;
  const reader = PerfBuffer.open(map, { value: u64le });
  const waiting = reader[Symbol.asyncIterator]().next();
  await assert.rejects(
    reader.run(() => {}),
    { code: 'ERR_BPF_IN_USE' },
  );
  void setImmediate().then(() => reader.close());
  assert.deepEqual(await waiting, { value: undefined, done: true });
  reader.close();
  assert.equal(reader.closed, true);
  assert.equal(openDescriptors().length, before);
  assert.throws(() => reader.take(), { code: 'ERR_BPF_CLOSED' });
  assert.equal(program.write(1n), false, 'the map leads nowhere any more');

  const inside = PerfBuffer.open(map, { value: u64le, lost: () => inside.close(), bufferSize: PAGE });
  send(program, 1n, 2n);
  assert.equal(
    inside.read((value) => {
      if (value === 1n) inside.close();
    }),
    1,
  );
  const full = PerfBuffer.open(map, { value: u64le, lost: () => full.close(), bufferSize: PAGE });
  while (program.write(0n));
  full.take();
  send(program, 1n);
  assert.deepEqual([full.take(), full.closed], [[], true]);
  assert.equal(openDescriptors().length, before);
});

test('the map may be closed before its reader', needsRoot(), async () => {
  const map = perfMap();
  using program = writer(map);
  using reader = PerfBuffer.open(map, { value: u64le });
  map.close();
  void setImmediate().then(() => send(program, 7n));
  for await (const value of reader) {
    assert.equal(value, 7n);
    break;
  }
});

test('wrong uses are refused', needsRoot(), () => {
  using map = perfMap();
  using program = writer(map);
  using other = ring();
  const open = (options: object): unknown => PerfBuffer.open(map, options);
  assert.throws(() => PerfBuffer.open(other as unknown as BpfMap), {
    name: 'TypeError',
    message: 'PerfBuffer.open: map "events" (ringbuf) is not of type perf_event_array',
  });
  assert.throws(() => open({ codec: u64le }), /unknown option "codec"/);
  assert.throws(
    () => open({ lost: true }),
    /^TypeError: PerfBuffer.open: lost must be a function, got true$/,
  );
  assert.throws(() => open({ bufferSize: 0 }), RangeError);
  assert.throws(() => open({ wakeUp: {} }), TypeError);
  assert.throws(() => open({ wakeUp: { events: 1, bytes: 1 } }), TypeError);
  assert.throws(() => open({ wakeUp: { events: 0 } }), RangeError);
  assert.throws(() => open({ wakeUp: { bytes: PAGE }, bufferSize: PAGE }), RangeError);
  assert.throws(() => open({ wakeUp: { records: 1 } }), /unknown option "records"/);
  using reader = PerfBuffer.open(map, { value: struct({ a: u64le, b: u64le, c: u32le }) });
  assert.throws(() => PerfBuffer.open(map), {
    code: 'ERR_BPF_IN_USE',
    message: `Cannot open perf buffer "events" (perf_event_array): this process already reads map ${map.info().id}, in this thread or in another worker thread: close that reader first`,
  });
  send(program, 1n);
  assert.throws(() => reader.take(), {
    name: 'FormatError',
    message: /^perf buffer "events" \(perf_event_array\): a record has 12 bytes, .* has 24$/,
  });
  assert.equal(reader.available, 0, 'that record was passed over');
});

test('a map for fewer CPUs than there are is read as far as it goes', needsRoot(), () => {
  using map = perfMap(1);
  using program = writer(map);
  using reader = PerfBuffer.open(map, { value: u64le });
  send(program, 1n);
  assert.deepEqual(reader.take(), [1n]);
});
