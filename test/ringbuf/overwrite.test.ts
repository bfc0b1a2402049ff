// depends on: kernel, newest kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u64le } from '../../src/bytes/codec/index.ts';
import { NotSupportedError } from '../../src/errors/index.ts';
import { BpfMap, type RingMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { soakOverwriting } from '../soak/overwriting.ts';
import { hasOverwriting, needsRoot, packet, reserver, runAside, writer } from './support.ts';

const options = {
  skip: needsRoot().skip || (!hasOverwriting() && 'this kernel has no rings that overwrite unread records'),
};

const overwritingRing = (): RingMap =>
  BpfMap.create({ type: 'ringbuf', name: 'latest', maxEntries: 4096, flags: ['rb_overwrite'] });

/** Bytes of a record of 8 bytes with its header, and how many of them the ring holds. */
const SIZE = 16;
const HOLDS = 255;

const range = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from }, (_, at) => BigInt(from + at));

function sender(map: RingMap): { send(from: number, to: number): void; [Symbol.dispose](): void } {
  const program = writer(map, 8);
  return {
    send: (from, to) => {
      for (const value of range(from, to)) program.testRun({ data: packet(value) });
    },
    [Symbol.dispose]: () => program.close(),
  };
}

test('of a ring that was full, the newest records are left, and the lost bytes are counted', options, () => {
  using map = overwritingRing();
  using program = sender(map);
  using reader = RingBuffer.open(map, { value: u64le });
  assert.deepEqual(map.info().flags, ['rb_overwrite']);
  program.send(0, 1000);
  assert.equal(reader.available, HOLDS * SIZE);
  assert.deepEqual(reader.take(), range(1000 - HOLDS, 1000));
  assert.equal(reader.records.overwritten, (1000 - HOLDS) * SIZE);
  assert.equal(reader.records.received, HOLDS);
  program.send(0, 100);
  assert.deepEqual(reader.take(), range(0, 100));
  assert.deepEqual([reader.available, reader.take()], [0, []]);
  assert.equal(reader.records.overwritten, (1000 - HOLDS) * SIZE);
});

test('records that are overwritten while they are read stay whole', options, () => {
  using map = overwritingRing();
  using program = sender(map);
  using reader = RingBuffer.open(map, { value: u64le });
  program.send(0, 50);
  const seen: bigint[] = [];
  reader.read((value) => {
    seen.push(value);
    if (value === 0n) program.send(1000, 1300);
  });
  const first = seen.indexOf(1300n - BigInt(HOLDS));
  assert.ok(first > 1, `${first} records of the first look`);
  assert.deepEqual(seen, [...range(0, first), ...range(1300 - HOLDS, 1300)]);
  assert.equal(reader.records.overwritten, (350 - seen.length) * SIZE);
});

test('views and views in place are of memory that programs do not write', options, () => {
  using map = overwritingRing();
  using program = sender(map);
  using reader = RingBuffer.open(map);
  program.send(0, 10);
  const values: bigint[] = [];
  const value = ({ buffer, byteOffset }: Uint8Array): bigint =>
    new DataView(buffer, byteOffset).getBigUint64(0, true);
  reader.readViews(
    (view) => {
      program.send(500, 900);
      values.push(value(view));
    },
    { limit: 1 },
  );
  reader.readInPlace((view, offset) => void values.push(view.getBigUint64(offset, true)), { limit: 1 });
  assert.deepEqual(values, range(0, 2));
});

test('a reader goes on after someone has taken the memory of a view away', options, () => {
  using map = overwritingRing();
  using program = sender(map);
  using reader = RingBuffer.open(map, { value: u64le });
  program.send(0, 1);
  reader.readViews(({ buffer }) => void structuredClone(buffer, { transfer: [buffer as ArrayBuffer] }));
  program.send(1, 20);
  assert.deepEqual(reader.take(), range(1, 20));
});

test('a reader that waits is woken, also if it was overtaken before', options, async () => {
  using map = overwritingRing();
  using program = sender(map);
  using reader = RingBuffer.open(map, { value: u64le });
  program.send(0, 600);
  let next = 600;
  const seen: bigint[] = [];
  for await (const value of reader) {
    seen.push(value);
    if (value === 700n) break;
    // Nothing more is there: the loop waits.
    if (reader.available === 0) setImmediate(() => program.send(next, ++next));
  }
  assert.deepEqual(seen, range(600 - HOLDS, 701));
});

test('the next reader goes on where the last one left off, or at the oldest record', options, () => {
  using map = overwritingRing();
  using program = sender(map);
  program.send(0, 100);
  {
    using reader = RingBuffer.open(map, { value: u64le });
    assert.deepEqual(reader.take({ limit: 40 }), range(0, 40));
  }
  {
    using reader = RingBuffer.open(map, { value: u64le });
    assert.deepEqual(reader.take({ limit: 10 }), range(40, 50));
  }
  program.send(100, 500);
  using reader = RingBuffer.open(map, { value: u64le });
  assert.deepEqual(reader.take(), range(500 - HOLDS, 500));
  assert.equal(reader.records.overwritten, (500 - HOLDS - 50) * SIZE);
});

test('a record that is being written stays, and the reader waits for it', options, async () => {
  using map = overwritingRing();
  using slow = reserver(map, 20_000);
  using reader = RingBuffer.open(map, { value: u64le });
  const seen: bigint[] = [];
  const run = runAside(slow, packet(7n), 20);
  for await (const value of reader) if (seen.push(value) === 20) break;
  await run;
  assert.deepEqual(seen, Array(20).fill(7n));
  assert.equal(reader.records.overwritten, 0);
});

test('discarded records are passed over', options, () => {
  using map = overwritingRing();
  using program = reserver(map);
  using reader = RingBuffer.open(map, { value: u64le });
  for (let n = 0; n < 10; n++) program.testRun({ data: packet(BigInt(n), n % 3) });
  assert.deepEqual(reader.take(), [0n, 3n, 6n, 9n]);
  for (let n = 0; n < 300; n++) program.testRun({ data: packet(1n, 1) });
  assert.deepEqual([reader.take(), reader.available], [[], 0]);
});

test('no record is torn while a program writes all the time', options, async () => {
  const { problems, counts } = await soakOverwriting(performance.now() + 1000);
  assert.deepEqual(problems, [], counts);
});

test('kernels before 6.19 refuse such rings', needsRoot(), () => {
  if (hasOverwriting()) return overwritingRing().close();
  assert.throws(overwritingRing, (error: unknown) => {
    assert.ok(NotSupportedError.is(error));
    assert.equal(error.since, '6.19');
    assert.equal(
      error.message,
      'Cannot create map "latest" (ringbuf): the rings of this kernel cannot overwrite (rb_overwrite), which came with Linux 6.19',
    );
    return true;
  });
});

test('only ring buffers overwrite', needsRoot(), () => {
  assert.throws(() => BpfMap.create({ type: 'user_ringbuf', maxEntries: 4096, flags: ['rb_overwrite'] }), {
    code: 'EINVAL',
    message:
      'Cannot create map (user_ringbuf): EINVAL: maps of type user_ringbuf cannot overwrite (rb_overwrite)',
  });
});
