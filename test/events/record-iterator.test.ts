// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { struct, u64le } from '../../src/bytes/codec/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { needsRoot, packet, ring, writer } from '../ringbuf/support.ts';

function setUp() {
  const map = ring(65_536);
  const eight = writer(map, 8);
  const reader = RingBuffer.open(map, { value: u64le });
  let next = 0n;
  return {
    map,
    reader,
    /** Writes the next numbers. */
    send(count: number): void {
      for (let sent = 0; sent < count; sent++) eight.testRun({ data: packet(next++) });
    },
    [Symbol.dispose]() {
      for (const each of [reader, eight, map]) each.close();
    },
  };
}

test('a loop that ends leaves the records that it has not come to', needsRoot(), async () => {
  using ready = setUp();
  const { reader, send } = ready;
  send(100);
  const seen: bigint[] = [];
  for (const form of ['loop', 'take', 'loop', 'throw', 'views', 'return', 'loop']) {
    if (form === 'take') seen.push(...reader.take({ limit: 3 }));
    if (form === 'views') {
      reader.readInPlace((view, offset) => void seen.push(view.getBigUint64(offset, true)), { limit: 2 });
    }
    if (form === 'loop') {
      let left = 7;
      for await (const value of reader) {
        seen.push(value);
        if (--left === 0) break;
      }
    }
    if (form === 'throw') {
      await assert.rejects(async () => {
        for await (const value of reader) {
          seen.push(value);
          throw new Error('by the loop');
        }
      }, /by the loop/);
    }
    if (form === 'return') {
      const iterator = reader[Symbol.asyncIterator]();
      seen.push((await iterator.next()).value as bigint);
      assert.deepEqual(await iterator.return(), { value: undefined, done: true });
      assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    }
  }
  assert.equal(reader.records.received, seen.length);
  assert.equal(reader.available, (100 - seen.length) * 16);
  seen.push(...reader.take());
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, n) => BigInt(n)),
  );
});

test(
  'a reader that is opened later goes on after the last record that a loop has come to',
  needsRoot(),
  async () => {
    using ready = setUp();
    ready.send(10);
    for await (const value of ready.reader) if (value === 4n) break;
    ready.reader.close();
    using next = RingBuffer.open(ready.map, { value: u64le });
    assert.deepEqual(next.take(), [5n, 6n, 7n, 8n, 9n]);
  },
);

test('closing in a loop ends it, and what the loop has come to counts as read', needsRoot(), async () => {
  using ready = setUp();
  ready.send(10);
  const seen: bigint[] = [];
  for await (const value of ready.reader) {
    seen.push(value);
    if (value === 2n) ready.reader.close();
  }
  assert.deepEqual(seen, [0n, 1n, 2n]);
  using next = RingBuffer.open(ready.map, { value: u64le });
  assert.deepEqual(next.take({ limit: 1 }), [3n]);
});

test('calls of next that come before an answer are answered in turn', needsRoot(), async () => {
  using ready = setUp();
  const { reader, send } = ready;
  send(2);
  const iterator = reader[Symbol.asyncIterator]();
  const answers = Array.from({ length: 5 }, () => iterator.next());
  await setImmediate();
  send(3);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ value }) => value),
    [0n, 1n, 2n, 3n, 4n],
  );
});

test('returning ends a call that waits, and another iteration may wait then', needsRoot(), async () => {
  using ready = setUp();
  const { reader, send } = ready;
  const iterator = reader[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await assert.rejects(reader[Symbol.asyncIterator]().next(), { code: 'ERR_BPF_IN_USE' });
  await setImmediate();
  await iterator.return();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  const other = reader[Symbol.asyncIterator]().next();
  await setImmediate();
  send(1);
  assert.deepEqual(await other, { value: 0n, done: false });
  await assert.rejects(reader[Symbol.asyncIterator]().throw(new Error('mine')), /mine/);
});

test('a record that is too short ends the iteration, and is passed over', needsRoot(), async () => {
  using map = ring();
  using eight = writer(map, 8);
  using sixteen = writer(map, 16);
  using reader = RingBuffer.open(map, { value: struct({ a: u64le, b: u64le }) });
  for (const [program, value] of [
    [sixteen, 1n],
    [eight, 2n],
    [sixteen, 3n],
  ] as const) {
    program.testRun({ data: packet(value) });
  }
  const iterator = reader[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { value: { a: 1n, b: 0n }, done: false });
  await assert.rejects(iterator.next(), { name: 'FormatError' });
  assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  assert.deepEqual(reader.take(), [{ a: 3n, b: 0n }]);
});

test('an iterator is refused while a callback reads', needsRoot(), async () => {
  using ready = setUp();
  const { reader, send } = ready;
  send(2);
  const iterator = reader[Symbol.asyncIterator]();
  let refused: Promise<unknown> | undefined;
  reader.read(() => {
    refused ??= iterator.next();
  });
  await assert.rejects(refused as Promise<unknown>, { code: 'ERR_BPF_IN_USE' });
});

test('timers have their turn while records come without end', needsRoot(), async () => {
  using ready = setUp();
  const { reader, send } = ready;
  send(1);
  let turns = 0;
  let over = false;
  void (async () => {
    while (!over) {
      await setImmediate();
      turns++;
    }
  })();
  let count = 0;
  for await (const _ of reader) {
    send(1);
    if (++count === 20_000) break;
  }
  over = true;
  assert.ok(turns >= 4, `${turns} turns`);
});
