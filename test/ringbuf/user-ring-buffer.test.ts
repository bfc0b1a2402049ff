// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { struct, u32le, u64le } from '../../src/bytes/codec/index.ts';
import { Collection } from '../../src/collection/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { UserRingBuffer } from '../../src/ringbuf/index.ts';
import { openDescriptors } from '../../src/sys/index.ts';
import { fixture } from '../collection/fixture.ts';
import { needsRoot, ring } from './support.ts';

const SIZE = 4096;
/** The bytes that one command takes in the ring, including its header. */
const COMMAND = 24;
const command = struct({ kind: u32le, weight: u32le, value: u64le });

/** The program that drains the ring, and its results. */
function drainer(): {
  map: BpfMap;
  /** Runs the program. Returns the number of records it read, or the negated errno. */
  drain(): number;
  sum(): unknown;
  shorter(): unknown;
  [Symbol.dispose](): void;
} {
  const collection = Collection.loadSync(fixture('commands.el.clang19.o'));
  const { commands } = collection.maps;
  const { drain } = collection.programs;
  const { sum, shorter } = collection.variables;
  assert.ok(commands && drain && sum && shorter);
  return {
    map: commands,
    drain: () => drain.testRun({ data: new Uint8Array(64) }).returnValue | 0,
    sum: () => sum.get(),
    shorter: () => shorter.get(),
    [Symbol.dispose]: () => collection.close(),
  };
}

test('a program reads what was written, in order', needsRoot(), () => {
  using program = drainer();
  using writer = UserRingBuffer.open(program.map, { value: command });
  assert.equal(program.drain(), 0, 'nothing is there');
  assert.equal(writer.write({ kind: 0, weight: 2, value: 10n }), true);
  assert.equal(writer.write({ kind: 1, weight: 1, value: 5n }), true);
  assert.equal(writer.write({ kind: 0, weight: 1, value: 100n }), true);
  assert.equal(writer.available, 3 * COMMAND);
  assert.equal(program.drain(), 2, 'up to the one that says stop');
  assert.deepEqual([program.sum(), writer.available], [25n, COMMAND]);
  assert.equal(program.drain(), 1);
  assert.deepEqual([program.sum(), writer.available], [125n, 0]);
});

test('without a codec records are what the map says, or bytes', needsRoot(), () => {
  using program = drainer();
  using described = UserRingBuffer.open(program.map);
  described.write({ kind: 0, weight: 3, value: 3n });
  assert.equal(program.drain(), 1);
  assert.equal(program.sum(), 9n);
  described.close();
  using plain = BpfMap.fromId(program.map.info().id, { type: 'user_ringbuf' });
  using writer = UserRingBuffer.open(plain);
  const bytes = new Uint8Array(16);
  command.encode(new DataView(bytes.buffer), 0, { kind: 0, weight: 1, value: 1n });
  assert.equal(writer.write(bytes), true);
  assert.equal(writer.write(new Uint8Array(3)), true);
  assert.equal(writer.write(new Uint8Array()), true);
  assert.equal(program.drain(), 3);
  assert.deepEqual([program.sum(), program.shorter()], [10n, 2]);
  assert.throws(() => writer.write('text' as unknown as Uint8Array), TypeError);
});

test('a full ring takes nothing, and takes records again once they are read', needsRoot(), () => {
  using program = drainer();
  using writer = UserRingBuffer.open(program.map, { value: command });
  let sum = 0n;
  for (let round = 0; round < 3; round++) {
    let count = 0;
    while (writer.write({ kind: 0, weight: 1, value: BigInt(count) })) sum += BigInt(count++);
    assert.equal(count, Math.floor(SIZE / COMMAND), 'records lie across the end, too');
    assert.equal(writer.reserve(16), undefined);
    assert.equal(program.drain(), count);
    assert.equal(program.sum(), sum);
  }
  assert.equal(writer.reserve(SIZE - 8)?.bytes.length, SIZE - 8);
  assert.throws(() => writer.reserve(SIZE - 7), {
    name: 'RangeError',
    message: 'reserve: a record of ring buffer "commands" (user_ringbuf) has 0 to 4088 bytes, got 4089',
  });
  assert.throws(() => writer.reserve(1.5), RangeError);
});

test('what is reserved holds back what is behind it, until it is submitted or discarded', needsRoot(), () => {
  using program = drainer();
  const writer = UserRingBuffer.open(program.map, { value: command });
  const first = writer.reserve(command.size);
  const second = writer.reserve(command.size);
  assert.ok(first && second);
  writer.write({ kind: 0, weight: 1, value: 1n });
  assert.deepEqual([program.drain(), program.sum()], [0, 0n]);
  command.encode(new DataView(first.bytes.buffer, first.bytes.byteOffset), 0, {
    kind: 0,
    weight: 1,
    value: 7n,
  });
  first.submit();
  assert.throws(() => first.submit(), { code: 'ERR_BPF_CLOSED' });
  first.discard();
  assert.deepEqual([program.drain(), program.sum()], [1, 7n]);
  second.discard();
  assert.throws(() => second.submit(), { code: 'ERR_BPF_CLOSED' });
  program.drain();
  assert.deepEqual([program.sum(), writer.available], [8n, 0]);

  assert.throws(() => writer.write({ kind: -1, weight: 0, value: 0n }), RangeError);
  const forgotten = writer.reserve(command.size);
  writer.write({ kind: 0, weight: 1, value: 2n });
  writer.close();
  assert.equal(forgotten?.bytes.length, 0);
  assert.throws(() => forgotten?.submit(), { code: 'ERR_BPF_CLOSED' });
  program.drain();
  assert.equal(program.sum(), 10n, 'closing gives up what was reserved');
});

test('a codec that closes the writer, throws, or writes on leaves nothing unfinished', needsRoot(), () => {
  using program = drainer();
  let during = (): void => {};
  const value = {
    ...command,
    encode(view: DataView, offset: number, given: ReturnType<typeof command.decode>): void {
      command.encode(view, offset, given);
      during();
    },
  };
  const one = { kind: 0, weight: 1, value: 1n };
  const first = UserRingBuffer.open(program.map, { value });
  const reserved = first.reserve(command.size);
  assert.ok(reserved);
  during = () => first.close();
  assert.throws(() => first.write(one), { code: 'ERR_BPF_CLOSED' });
  assert.throws(() => reserved.submit(), { code: 'ERR_BPF_CLOSED' });

  using second = UserRingBuffer.open(program.map, { value });
  assert.equal(second.available, COMMAND, 'the one that was reserved, which closing has given up');
  during = () => {
    throw new Error('on purpose');
  };
  assert.throws(() => second.write(one), /on purpose/);
  assert.equal(second.available, COMMAND);
  during = () => void second.write(one);
  assert.throws(() => second.write(one), {
    code: 'ERR_BPF_IN_USE',
    message: 'Cannot write: the codec of ring buffer "commands" (user_ringbuf) is at work on another record',
  });
  during = () => {};
  assert.equal(second.write(one), true);
  program.drain();
  assert.deepEqual([program.sum(), second.available], [1n, 0]);
});

test('room is waited for', needsRoot(), async () => {
  using program = drainer();
  const before = openDescriptors().length;
  const writer = UserRingBuffer.open(program.map, { value: command });
  const full = SIZE - 8;
  assert.equal(await writer.room(full), true);
  while (writer.write({ kind: 0, weight: 1, value: 1n }));
  const waiting = writer.room(full);
  await assert.rejects(writer.room(full), { code: 'ERR_BPF_IN_USE' });
  void setImmediate().then(() => program.drain());
  assert.equal(await waiting, true);
  while (writer.write({ kind: 0, weight: 1, value: 1n }));
  assert.equal(await writer.room(full, { signal: AbortSignal.timeout(1) }), false);
  void setImmediate().then(() => writer.close());
  assert.equal(await writer.room(full), false);
  writer.close();
  assert.equal(writer.closed, true);
  assert.throws(() => writer.write({ kind: 0, weight: 0, value: 0n }), { code: 'ERR_BPF_CLOSED' });
  await assert.rejects(writer.room(1), { code: 'ERR_BPF_CLOSED' });
  assert.equal(openDescriptors().length, before);
});

test('a signal that aborts when its wait is over leaves the next wait alone', needsRoot(), async () => {
  using program = drainer();
  using writer = UserRingBuffer.open(program.map, { value: command });
  const full = SIZE - 8;
  const fill = (): void => {
    while (writer.write({ kind: 0, weight: 1, value: 1n }));
  };
  const first = new AbortController();
  fill();
  void setImmediate().then(() => program.drain());
  assert.equal(await writer.room(full, { signal: first.signal }), true);
  fill();
  const waiting = writer.room(full);
  first.abort();
  const another = writer.room(full);
  program.drain();
  await assert.rejects(another, { code: 'ERR_BPF_IN_USE' });
  assert.equal(await waiting, true);
});

test('wrong uses are refused', needsRoot(), async () => {
  using other = ring();
  assert.throws(() => UserRingBuffer.open(other as unknown as BpfMap), {
    name: 'TypeError',
    message: 'UserRingBuffer.open: map "events" (ringbuf) is not of type user_ringbuf',
  });
  using program = drainer();
  assert.throws(
    () => UserRingBuffer.open(program.map, { codec: command } as object),
    /unknown option "codec"/,
  );
  using writer = UserRingBuffer.open(program.map);
  await assert.rejects(writer.room(8, { signal: {} as AbortSignal }), {
    name: 'TypeError',
    message: 'room: signal must be an AbortSignal, got an object',
  });
  assert.throws(() => UserRingBuffer.open(program.map, { value: { size: 4 } as never }), {
    name: 'TypeError',
    message: /^UserRingBuffer.open: value must be a codec, such as u32/,
  });
  assert.throws(() => writer.reserve(8n as never), {
    name: 'TypeError',
    message: 'reserve: the length must be a number, got 8n',
  });
  await assert.rejects(writer.room(8n as never), {
    name: 'TypeError',
    message: 'room: the length must be a number, got 8n',
  });
});

test('a ring that was opened for only one direction says so', needsRoot(), () => {
  using program = drainer();
  for (const [access, right] of [
    ['read', 'reading'],
    ['write', 'writing'],
  ] as const) {
    using half = BpfMap.fromId(program.map.info().id, { type: 'user_ringbuf', access });
    assert.throws(() => UserRingBuffer.open(half), {
      message: new RegExp(`: the map was opened for ${right} only`),
    });
  }
});
