// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Codec, u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { needsMaps } from './needs.ts';

const SIZE = 64;

/** Takes the memory away from its owner, as sending it to a worker does. */
function transfer(buffer: ArrayBufferLike): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

/** Returns views of the memory it decodes, which codecs must not do. */
const lazy: Codec<Uint8Array> = {
  name: 'lazy',
  size: SIZE,
  align: 1,
  encode: (view, offset, value) => new Uint8Array(view.buffer, view.byteOffset + offset, SIZE).set(value),
  decode: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, SIZE),
};

const full = (byte: number): Uint8Array => new Uint8Array(SIZE).fill(byte);
const gone = {
  name: 'TypeError',
  message: /the memory that its codecs work on was transferred: codecs must copy what they return/,
};

test('memory that was transferred away is not given to the kernel', needsMaps(), () => {
  using queue = BpfMap.create({ type: 'queue', value: lazy, maxEntries: 4 });
  for (const byte of [1, 2, 3]) queue.push(full(byte));
  const first = queue.pop();
  assert.ok(first !== undefined);
  transfer(first.buffer);
  assert.throws(() => queue.pop(), gone);
  // Nothing was taken out of the queue, and the map uses other memory now.
  assert.deepEqual(queue.pop(), full(2));
  assert.deepEqual(queue.pop(), full(3));
});

test(
  'memory that is transferred away while a value is encoded is not given to the kernel',
  needsMaps(),
  () => {
    const hostile: Codec<number> = {
      ...u32,
      encode(view, offset, value) {
        u32.encode(view, offset, value);
        transfer(view.buffer);
      },
    };
    using queue = BpfMap.create({ type: 'queue', value: hostile, maxEntries: 4 });
    assert.throws(() => queue.push(1), gone);
    assert.equal(queue.peek(), undefined);
    using byKey = BpfMap.create({ type: 'hash', key: hostile, value: u64, maxEntries: 4 });
    for (const use of ['get', 'has', 'delete', 'take'] as const)
      assert.throws(() => byKey[use](1), gone, use);
    assert.throws(() => byKey.set(1, 1n), gone);
    assert.throws(() => byKey.setMany([[1, 1n]]), gone);
    assert.throws(() => byKey.deleteMany([1]), gone);
    assert.equal(byKey.count(), 0);
  },
);

test('an iteration whose chunk was transferred away ends in an error', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: lazy, maxEntries: 10_000 });
  assert.throws(() => {
    for (const value of map.values()) transfer(value.buffer);
  }, TypeError);
  assert.throws(() => {
    // Transfers the last value of each chunk. If the memory is large enough, the kernel gets the same memory in the
    // next step.
    for (const { buffer, byteOffset } of map.values()) {
      if (byteOffset + SIZE === buffer.byteLength) transfer(buffer);
    }
  }, gone);
});

/** Claims to be larger than it is. */
class Lying extends Uint8Array {
  override get byteLength(): number {
    return 1 << 20;
  }
  override get length(): number {
    return 1 << 20;
  }
  override get byteOffset(): number {
    return 0;
  }
}

test('views are taken for what they are, not for what they say', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1000 });
  map.setMany(Array.from({ length: 1000 }, (_, i) => [i, 7n]));
  const memory = new ArrayBuffer(64);
  const keys = new Lying(memory, 16, 4);
  const values = new Lying(8);
  const { count } = map.readInto({ keys, values });
  assert.ok(count <= 1);
  const around = new Uint8Array(memory);
  assert.deepEqual([...around.subarray(0, 16), ...around.subarray(20)], new Array(60).fill(0));
  assert.throws(() => map.writeFrom({ keys, values }, 2), {
    name: 'RangeError',
    message: 'writeFrom: count must be an integer from 0 to 1, got 2',
  });
  assert.throws(() => map.writeFrom({ keys, values }, 1n as never), {
    name: 'TypeError',
    message: 'writeFrom: count must be a number, got 1n',
  });
  const foreign = Object.create(Uint8Array.prototype) as Uint8Array;
  assert.throws(() => map.readInto({ keys: foreign, values }), TypeError);
});

test('memory that shrinks or goes while it is asked for holds nothing', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 16 });
  map.setMany(Array.from({ length: 16 }, (_, i) => [i, 7n]));
  const keys = new Uint32Array(16);
  const target = {
    keys,
    get values(): BigUint64Array {
      transfer(keys.buffer);
      return new BigUint64Array(16);
    },
  };
  assert.throws(() => map.readInto(target), TypeError);
  assert.equal(map.count(), 16);
});

test('shared memory can be read into and written from', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2 });
  const keys = new Uint32Array(new SharedArrayBuffer(8));
  const values = new DataView(new SharedArrayBuffer(16));
  keys.set([4, 5]);
  values.setBigUint64(8, 9n, true);
  map.writeFrom({ keys, values });
  assert.equal(map.get(4), 0n);
  keys.fill(0);
  assert.equal(map.readInto({ keys, values }).count, 2);
  assert.deepEqual([...keys].sort(), [4, 5]);
});
