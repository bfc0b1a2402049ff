// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Codec, struct, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { ClosedError } from '../../../src/errors/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { needsMaps } from '../needs.ts';

test('code that runs while a value is encoded may use the same map', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: struct({ a: u64, b: u64 }), maxEntries: 8 });
  map.set(1, {
    a: 10n,
    get b(): bigint {
      map.set(2, { a: 20n, b: 21n });
      assert.deepEqual(map.get(2), { a: 20n, b: 21n });
      return 11n;
    },
  });
  assert.deepEqual(map.get(1), { a: 10n, b: 11n });
  assert.deepEqual(map.get(2), { a: 20n, b: 21n });
});

test('code that runs while a value is decoded may use the same map', needsMaps(), () => {
  let during: (() => void) | undefined;
  const curious: Codec<bigint> = {
    ...u64,
    decode(view, offset) {
      during?.();
      return u64.decode(view, offset);
    },
  };
  using map = BpfMap.create({ type: 'hash', key: u32, value: curious, maxEntries: 8 });
  map.set(1, 1n);
  map.set(2, 2n);
  during = (): void => {
    during = undefined;
    assert.equal(map.get(2), 2n);
  };
  assert.equal(map.get(1), 1n);
});

test('closing the map while a key is encoded is noticed before the call', needsMaps(), () => {
  const map = BpfMap.create({ type: 'hash', key: struct({ a: u32 }), value: u64, maxEntries: 8 });
  const key = {
    get a(): number {
      map.close();
      return 1;
    },
  };
  assert.throws(() => map.get(key), ClosedError);
});

test('an error thrown while encoding leaves the map usable', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 8 });
  assert.throws(() => map.set(1, -1n), RangeError);
  assert.throws(() => map.set(-1, 1n), RangeError);
  map.set(1, 1n);
  assert.equal(map.get(1), 1n);
  assert.equal(map.count(), 1);
});
