// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../../src/abi/index.ts';
import { struct, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { ClosedError } from '../../../src/errors/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { native, withBinding } from '../../../src/sys/index.ts';
import { needsMaps } from '../needs.ts';

const N = 2000;

/** Runs `body`. If `lacking` is true, the kernel seems to have no batch commands. */
function withoutBatches(lacking: boolean, body: () => void): void {
  if (!lacking) {
    body();
    return;
  }
  const real = native();
  const batch = new Set<number>(
    commands.names.filter((name) => name.endsWith('_batch')).map(commands.number),
  );
  withBinding(
    {
      ...real,
      bind: (command, attr, size, keep) =>
        batch.has(command) ? () => -22 : real.bind(command, attr, size, keep),
    },
    body,
  );
}

for (const lacking of [false, true]) {
  const where = lacking ? 'without batch commands' : 'with batch commands';

  test(`entries written, read and deleted many at a time, ${where}`, needsMaps(), () => {
    withoutBatches(lacking, () => {
      using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: N });
      const entries = Array.from({ length: N }, (_, i) => [i, BigInt(i) ** 2n] as const);
      assert.equal(map.setMany(entries), N);
      const keys = new Uint32Array(N);
      const values = new BigUint64Array(N);
      assert.deepEqual(map.readInto({ keys, values }), { count: N, complete: true });
      const met = new Set<number>();
      for (let i = 0; i < N; i++) {
        const key = keys[i] ?? -1;
        met.add(key);
        assert.equal(values[i], BigInt(key) ** 2n);
      }
      assert.equal(met.size, N);
      assert.equal(map.deleteMany([1, 1, 2, N + 5, 3, N + 6]), 3, 'keys that are not there are passed over');
      assert.equal(map.count(), N - 3);
      assert.equal(map.takeAll().length, N - 3);
      assert.equal(map.count(), 0);
      assert.deepEqual(map.takeAll(), []);
    });
  });

  test(`memory that is too small, ${where}`, needsMaps(), () => {
    withoutBatches(lacking, () => {
      using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 100 });
      map.setMany(Array.from({ length: 100 }, (_, i) => [i, 1n] as const));
      const { count, complete } = map.readInto({ keys: new Uint32Array(50), values: new BigUint64Array(60) });
      assert.equal(complete, false);
      assert.ok(count <= 50 && count > 0);
      const taken = map.takeInto({ keys: new Uint32Array(50), values: new BigUint64Array(50) });
      assert.equal(taken.complete, false);
      assert.equal(map.count(), 100 - taken.count);
    });
  });

  test(`arrays of exactly the right size, ${where}`, needsMaps(), () => {
    withoutBatches(lacking, () => {
      using map = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1000 });
      map.writeFrom({
        keys: Uint32Array.from({ length: 1000 }, (_, i) => i),
        values: new Uint32Array(1000).fill(3),
      });
      map.writeFrom({ keys: Uint32Array.of(5, 6), values: Uint32Array.of(50, 60) }, 1);
      const keys = new Uint32Array(1000);
      const values = new Uint32Array(1000);
      assert.deepEqual(map.readInto({ keys, values }), { count: 1000, complete: true });
      assert.deepEqual([values[4], values[5], values[6]], [3, 50, 3]);
      const less = map.readInto({ keys: keys.subarray(0, 10), values });
      assert.deepEqual(less, { count: 10, complete: false });
      // @ts-expect-error entries of an array cannot be deleted
      assert.throws(() => map.deleteMany([1]), {
        name: 'TypeError',
        message: /deleteMany is not a function/,
      });
    });
  });

  test(`a full map, ${where}`, needsMaps(), () => {
    withoutBatches(lacking, () => {
      using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2 });
      assert.throws(
        () =>
          map.setMany([
            [1, 1n],
            [2, 2n],
            [3, 3n],
          ]),
        { code: 'E2BIG', message: /is full \(max_entries 2\)/ },
      );
      assert.equal(map.count(), 2, 'what was written before stays');
    });
  });
}

test('types without batch commands are read and written all the same', needsMaps(), () => {
  const key = struct({ length: u32, address: u32 });
  using map = BpfMap.create({ type: 'lpm_trie', key, value: u32, maxEntries: 50 });
  assert.equal(
    map.setMany(Array.from({ length: 50 }, (_, i) => [{ length: 32, address: i }, i] as const)),
    50,
  );
  const { count, complete } = map.readInto({ keys: new Uint32Array(100), values: new Uint32Array(50) });
  assert.deepEqual({ count, complete }, { count: 50, complete: true });
  assert.equal(
    map.deleteMany([
      { length: 32, address: 1 },
      { length: 32, address: 99 },
    ]),
    1,
  );
  assert.equal(map.takeAll().length, 49);
});

test('an entry that cannot be encoded is named', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 9 });
  assert.throws(
    () =>
      map.setMany([
        [1, 1n],
        [2, -2n],
      ]),
    { name: 'RangeError', message: /^map [^:]*: value of entry 1: -2n/ },
  );
  assert.throws(() => map.setMany([[-1, 1n]]), {
    name: 'RangeError',
    message: /^map [^:]*: key of entry 0: -1/,
  });
  assert.throws(() => map.deleteMany([1, 2, -3]), { name: 'RangeError', message: /^map [^:]*: key 2: -3/ });
  assert.equal(map.setMany([]), 0);
  assert.equal(map.deleteMany([]), 0);
});

test('memory of the wrong size or kind is refused', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 9 });
  const read = (keys: unknown, values: unknown): unknown => map.readInto({ keys, values } as never);
  for (const call of [map.readInto, map.takeInto] as ((target?: unknown) => unknown)[]) {
    assert.throws(() => call.call(map), /^TypeError: target must be an object, got undefined$/);
  }
  assert.throws(() => map.writeFrom(null as never), /^TypeError: source must be an object, got null$/);
  assert.throws(() => read(new Uint8Array(5), new BigUint64Array(1)), {
    name: 'RangeError',
    message: /5 bytes of keys/,
  });
  assert.throws(() => read(new Uint32Array(1), [1]), {
    name: 'TypeError',
    message: /values must be a typed array/,
  });
  assert.throws(
    () => map.writeFrom({ keys: new Uint32Array(1), values: new BigUint64Array(1) }, 2),
    RangeError,
  );
  assert.deepEqual(map.readInto({ keys: new Uint32Array(0), values: new BigUint64Array(0) }).count, 0);
});

test('a closed map refuses even what would do nothing', needsMaps(), () => {
  const map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 4 });
  const nothing = { keys: new Uint32Array(0), values: new BigUint64Array(0) };
  assert.equal(map.setMany([]), 0);
  map.writeFrom(nothing, 0);
  map.close();
  assert.throws(() => map.setMany([]), ClosedError);
  assert.throws(() => map.deleteMany([]), ClosedError);
  assert.throws(() => map.readInto(nothing), ClosedError);
  assert.throws(() => map.takeInto(nothing), ClosedError);
  assert.throws(() => map.writeFrom(nothing), ClosedError);
  assert.throws(() => map.writeFrom(nothing, 0), ClosedError);
});
