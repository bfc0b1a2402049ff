// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { struct, u32le, u64le } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { openDescriptors } from '../../src/sys/index.ts';
import { NO_WAKEUP, needsRoot, packet, reserver, ring, runAside, writer } from './support.ts';

const send = (program: ReturnType<typeof writer>, ...values: bigint[]): void => {
  for (const value of values) program.testRun({ data: packet(value) });
};

test('records are read in order, as bytes, through a codec, and in place', needsRoot(), () => {
  using map = ring();
  using eight = writer(map, 8);
  using sixteen = writer(map, 16);
  using reader = RingBuffer.open(map);
  send(eight, 1n);
  send(sixteen, 2n);
  assert.equal(reader.available, 16 + 24);
  const lengths: number[] = [];
  assert.equal(
    reader.read((record) => void lengths.push(record.length)),
    2,
  );
  assert.deepEqual(lengths, [8, 16]);
  assert.equal(reader.available, 0);
  assert.deepEqual(reader.take(), []);

  send(eight, 3n, 4n, 5n);
  const seen: bigint[] = [];
  let kept = new Uint8Array();
  const count = reader.readViews((view) => {
    kept = view as Uint8Array<ArrayBuffer>;
    seen.push(new DataView(view.buffer, view.byteOffset).getBigUint64(0, true));
    return seen.length < 2;
  });
  assert.deepEqual([count, seen], [2, [3n, 4n]]);
  assert.equal(kept.length, 8);
  reader.close();
  assert.equal(kept.length, 0, 'what was taken from the mapping is empty after close');

  using typed = RingBuffer.open(map, { value: u64le });
  send(eight, 6n);
  assert.deepEqual(typed.take({ limit: 1 }), [5n]);
  assert.deepEqual(typed.take(), [6n]);
});

test('discarded records are passed over', needsRoot(), () => {
  using map = ring();
  using program = reserver(map);
  using reader = RingBuffer.open(map, { value: u64le });
  for (let n = 0; n < 10; n++) program.testRun({ data: packet(BigInt(n), n % 3) });
  assert.deepEqual(reader.take(), [0n, 3n, 6n, 9n]);
  program.testRun({ data: packet(1n, 1) });
  assert.deepEqual([reader.take(), reader.available], [[], 0]);
});

test('records wrap around the end of the ring, whole', needsRoot(), () => {
  using map = ring(4096);
  using sixteen = writer(map, 16);
  const pair = struct({ value: u64le, low: u32le, high: u32le });
  using reader = RingBuffer.open(map, { value: pair });
  // 4096 is not a multiple of 24, so records cross the end.
  for (let n = 0; n < 1000; ) {
    const values = Array.from({ length: 1 + (n % 7) }, () => BigInt(n++));
    send(sixteen, ...values);
    assert.deepEqual(
      reader.take().map(({ value }) => value),
      values,
    );
  }
});

test('a full ring takes records again once they are read', needsRoot(), () => {
  using map = ring(4096);
  using program = reserver(map);
  using reader = RingBuffer.open(map, { value: u64le });
  const fill = (): number => {
    let count = 0;
    while (program.testRun({ data: packet(BigInt(count)) }).returnValue === 1) count++;
    return count;
  };
  const fits = fill();
  assert.equal(reader.take().length, fits);
  assert.equal(fill(), fits);
  assert.equal(reader.take({ limit: 10 }).length, 10);
  assert.equal(fill(), 10);
});

test('iteration waits for records, whether they wake or not', needsRoot(), async () => {
  using map = ring();
  using wakes = writer(map, 8);
  using silent = writer(map, 8, NO_WAKEUP);
  using reader = RingBuffer.open(map, { value: u64le });
  const iterator = reader[Symbol.asyncIterator]();
  // This record is submitted before the wait, so the reader finds it when it looks.
  send(silent, 1n);
  assert.deepEqual(await iterator.next(), { value: 1n, done: false });
  const waiting = iterator.next();
  void setImmediate().then(() => send(wakes, 2n));
  assert.deepEqual(await waiting, { value: 2n, done: false });
  send(silent, 3n, 4n);
  for await (const batch of reader.batches()) {
    assert.deepEqual(batch, [3n, 4n]);
    break;
  }
  send(wakes, 5n);
  assert.deepEqual(await iterator.next(), { value: 5n, done: false });
});

test('run goes on until it is told to stop', needsRoot(), async () => {
  using map = ring();
  using eight = writer(map, 8);
  using reader = RingBuffer.open(map, { value: u64le });
  const seen: bigint[] = [];
  const controller = new AbortController();
  const note = (value: bigint): void => {
    seen.push(value);
    if (value === 2n) controller.abort();
  };
  const running = reader.run(note, { signal: controller.signal });
  send(eight, 1n);
  void setImmediate().then(() => send(eight, 2n, 3n));
  await running;
  assert.deepEqual(seen, [1n, 2n]);
  await reader.run((value) => value !== 3n);
  const waiting = reader.run(() => {}, { signal: AbortSignal.timeout(1) });
  await waiting;
  await assert.rejects(
    (async () => {
      void setImmediate().then(() => send(eight, 4n, 5n));
      await reader.run(() => assert.fail('thrown by the callback'));
    })(),
    /thrown by the callback/,
  );
  assert.deepEqual(reader.take(), [5n], 'the record of the callback that threw counts as read');
});

test('closing ends every wait and every reading', needsRoot(), async () => {
  using map = ring();
  using eight = writer(map, 8);
  const before = openDescriptors().length;
  const reader = RingBuffer.open(map, { value: u64le });
  const iterator = reader[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await assert.rejects(
    reader.run(() => {}),
    { code: 'ERR_BPF_IN_USE' },
  );
  void setImmediate().then(() => reader.close());
  assert.deepEqual(await waiting, { value: undefined, done: true });
  reader.close();
  assert.equal(reader.closed, true);
  assert.throws(() => reader.take(), { code: 'ERR_BPF_CLOSED' });
  await assert.rejects(
    async () => {
      for await (const _ of reader) assert.fail();
    },
    { code: 'ERR_BPF_CLOSED' },
  );
  assert.equal(openDescriptors().length, before);

  const inside = RingBuffer.open(map, { value: u64le });
  send(eight, 1n, 2n, 3n);
  assert.equal(
    inside.read((value) => {
      if (value === 2n) inside.close();
    }),
    2,
  );
  using rest = RingBuffer.open(map, { value: u64le });
  assert.deepEqual(rest.take(), [3n], 'what was read before the close stays read');
});

test('the map may be closed before its reader', needsRoot(), async () => {
  const map = ring();
  using eight = writer(map, 8);
  using reader = RingBuffer.open(map, { value: u64le });
  map.close();
  void setImmediate().then(() => send(eight, 7n));
  for await (const value of reader) {
    assert.equal(value, 7n);
    break;
  }
});

test('wrong uses are refused', needsRoot(), async () => {
  using map = ring();
  using eight = writer(map, 8);
  using hash = BpfMap.create({ type: 'array', name: 'numbers', key: u32le, value: u32le, maxEntries: 1 });
  assert.throws(() => RingBuffer.open(hash as unknown as BpfMap), {
    name: 'TypeError',
    message: 'RingBuffer.open: map "numbers" (array) is not of type ringbuf',
  });
  using nameless = BpfMap.create({ type: 'array', key: u32le, value: u32le, maxEntries: 1 });
  assert.throws(() => RingBuffer.open(nameless as unknown as BpfMap), {
    message: 'RingBuffer.open: map (array) is not of type ringbuf',
  });
  assert.throws(() => RingBuffer.open(map, { codec: u64le } as object), /unknown option "codec"/);
  using reader = RingBuffer.open(map, { value: struct({ a: u64le, b: u64le }) });
  const limit = (what: string) => ({
    name: 'RangeError',
    message: `${what}: limit must be a positive integer, got 0`,
  });
  assert.throws(() => reader.take({ limit: 0 }), limit('take'));
  assert.throws(() => reader.read(() => {}, { limit: 0 }), limit('read'));
  assert.throws(() => reader.readViews(() => {}, { limit: 0 }), limit('readViews'));
  assert.throws(() => reader.take({ most: 1 } as object), { name: 'TypeError', message: /^take: .*most/ });
  const read = { name: 'TypeError', message: 'read: each must be a function, got undefined' };
  assert.throws(() => (reader.read as () => number)(), read, 'also while there is nothing to read');
  assert.throws(
    () => reader.readViews('x' as never),
    /^TypeError: readViews: each must be a function, got "x"$/,
  );
  await assert.rejects(
    reader.run(undefined as never),
    /^TypeError: run: each must be a function, got undefined$/,
  );
  for (const [signal, shown] of [
    [1, '1'],
    [{ aborted: true }, 'an object'],
    [null, 'null'],
  ]) {
    await assert.rejects(
      reader.run(() => {}, { signal } as never),
      {
        name: 'TypeError',
        message: `run: signal must be an AbortSignal, got ${shown}`,
      },
    );
  }
  send(eight, 1n, 2n);
  assert.throws(() => reader.take(), {
    name: 'FormatError',
    message: /^ring buffer "events" \(ringbuf\): a record has 8 bytes, .* has 16$/,
  });
  assert.equal(reader.available, 16, 'that record was passed over');
  assert.equal(
    reader.readViews(() => {
      assert.throws(() => reader.take(), { code: 'ERR_BPF_IN_USE' });
    }),
    1,
  );
});

test('a ring that was opened for only one direction says so', needsRoot(), () => {
  using map = ring();
  for (const [access, right] of [
    ['read', 'reading'],
    ['write', 'writing'],
  ] as const) {
    using half = BpfMap.fromId(map.info().id, { type: 'ringbuf', access });
    assert.throws(() => RingBuffer.open(half), {
      code: 'EACCES',
      message: new RegExp(`: the map was opened for ${right} only`),
    });
  }
});

test('a record that is still being written is waited for', needsRoot(), async () => {
  using map = ring(4096);
  // This takes so long that the reader mostly finds a record that is reserved but not yet submitted.
  using slow = reserver(map, 2000);
  using reader = RingBuffer.open(map, { value: u64le });
  const rounds = 100;
  const running = runAside(slow, packet(9n), rounds);
  let count = 0;
  for await (const value of reader) {
    assert.equal(value, 9n);
    if (++count === rounds) break;
  }
  await running;
  assert.equal(reader.available, 0);
});

test('nothing is lost or turned around while both sides are at work', needsRoot(), async () => {
  using map = ring(65_536);
  using fast = reserver(map);
  using reader = RingBuffer.open(map, { value: u64le });
  let over = false;
  let count = 0;
  const running = (async () => {
    for (let round = 0; round < 20; round++) await runAside(fast, packet(BigInt(round)), 2000);
    over = true;
    // Tries again, because the ring may be full at this moment.
    while (fast.testRun({ data: packet(99n) }).returnValue === 0) await setImmediate();
  })();
  let last = 0n;
  for await (const batch of reader.batches()) {
    for (const value of batch) {
      assert.ok(value >= last);
      last = value;
      count++;
    }
    if (last === 99n) break;
  }
  await running;
  assert.ok(over && count > 2000);
});
