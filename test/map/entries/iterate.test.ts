// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { struct, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { kernelLacksMapType } from '../../../src/map/kernel-types.ts';
import { needsMaps } from '../needs.ts';

const N = 1000;
const numbers: readonly number[] = [...new Array(N).keys()];
const ascending = (a: number, b: number): number => a - b;
/** Maps of type lpm_trie have no buckets to keep a place in. They are walked from key to key. */
const prefix = struct({ length: u32, address: u32 });

test('hash: every entry once, in all the ways of Map', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: N });
  for (const i of numbers) map.set(i, BigInt(i) * 2n);
  assert.deepEqual([...map.keys()].sort(ascending), numbers);
  const like = new Map(map);
  assert.equal(like.size, N);
  for (const i of numbers) assert.equal(like.get(i), BigInt(i) * 2n);
  assert.equal(
    [...map.values()].reduce((sum, value) => sum + value, 0n),
    BigInt(N * (N - 1)),
  );
  assert.deepEqual(Object.fromEntries(map.entries()), Object.fromEntries(like));
  const seen: [number, bigint][] = [];
  assert.throws(() => map.forEach(undefined as never), {
    name: 'TypeError',
    message: 'map.forEach: visit must be a function, got undefined',
  });
  map.forEach((value, key, self) => {
    assert.equal(self, map);
    seen.push([key, value]);
  });
  assert.deepEqual(seen, [...like]);
  assert.equal(map.count(), N);
});

test('array: indexes in order', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 2000 });
  map.set(1999, 7);
  const entries = [...map];
  assert.deepEqual(
    entries.map(([key]) => key),
    [...new Array(2000).keys()],
  );
  assert.deepEqual(entries[1999], [1999, 7]);
});

test('empty maps and maps of one entry', needsMaps(), () => {
  for (const type of ['hash', 'lru_hash'] as const) {
    using map = BpfMap.create({ type, key: u32, value: u64, maxEntries: 1 });
    assert.deepEqual([...map], []);
    map.set(4, 4n);
    assert.deepEqual([...map], [[4, 4n]]);
  }
  using trie = BpfMap.create({ type: 'lpm_trie', key: prefix, value: u32, maxEntries: 1 });
  assert.deepEqual([...trie], []);
  trie.set({ length: 32, address: 1 }, 1);
  assert.deepEqual([...trie], [[{ length: 32, address: 1 }, 1]]);
});

test('large values: a bucket that does not fit a chunk is read all the same', needsMaps(), () => {
  // A chunk holds one entry of this size, and some bucket will hold two.
  const big = struct({ words: { ...u64, name: 'big', size: 100_000 } });
  using map = BpfMap.create({ type: 'hash', key: u32, value: big, maxEntries: 64, flags: ['no_prealloc'] });
  for (let i = 0; i < 64; i++) map.set(i, { words: BigInt(i) });
  assert.deepEqual([...map.keys()].sort(ascending), numbers.slice(0, 64));
});

for (const type of ['hash', 'lpm_trie', 'rhash'] as const) {
  const lacking = kernelLacksMapType(type) ? `this kernel has no map type ${type}` : false;
  const needs = { skip: needsMaps().skip || lacking };

  test(`${type}: deleting each entry when it comes`, needs, () => {
    using map = BpfMap.create({ type, key: prefix, value: u32, maxEntries: N });
    for (const i of numbers) map.set({ length: 64 - 32, address: i }, i);
    const met: number[] = [];
    for (const [key, value] of map) {
      met.push(value);
      assert.equal(map.delete(key), true);
    }
    assert.deepEqual(met.sort(ascending), numbers);
    assert.equal(map.count(), 0);
  });

  test(`${type}: deleting others while iterating`, needs, () => {
    // A walk from key to key starts again each time its next key has been deleted.
    const n = type === 'hash' ? N : 200;
    using map = BpfMap.create({ type, key: prefix, value: u32, maxEntries: n });
    for (const i of numbers.slice(0, n)) map.set({ length: 32, address: i }, i);
    // Only odd keys are deleted, so every even key must appear exactly once.
    const met: number[] = [];
    for (const [{ address }] of map) {
      met.push(address);
      for (const other of [address + 1, address - 1, n - 1 - address]) {
        if (other % 2 === 1) map.delete({ length: 32, address: other });
      }
    }
    assert.equal(new Set(met).size, met.length, 'nothing comes twice');
    assert.deepEqual(
      met.filter((i) => i % 2 === 0).sort(ascending),
      numbers.slice(0, n).filter((i) => i % 2 === 0),
    );
  });

  test(`${type}: inserting while iterating ends`, needs, () => {
    using map = BpfMap.create({ type, key: prefix, value: u32, maxEntries: N });
    for (let i = 0; i < 100; i++) map.set({ length: 32, address: i }, i);
    let next = 100;
    const met = new Set<number>();
    for (const [, value] of map) {
      assert.equal(met.has(value), false);
      met.add(value);
      if (next < N) map.set({ length: 32, address: next }, next++);
    }
    for (let i = 0; i < 100; i++) assert.ok(met.has(i));
  });
}

test('lru_hash: entries pushed out while iterating', needsMaps(), () => {
  using map = BpfMap.create({ type: 'lru_hash', key: u32, value: u32, maxEntries: 1000 });
  for (let i = 0; i < 800; i++) map.set(i, i);
  const met = new Set<number>();
  let next = 2000;
  for (const [key] of map) {
    assert.equal(met.has(key), false);
    met.add(key);
    map.set(next, next);
    next++;
  }
});

test('clear empties the map', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: N });
  map.setMany(numbers.map((i) => [i, i] as const));
  map.clear();
  assert.equal(map.count(), 0);
});

test('types that cannot be iterated are not iterable', needsMaps(), () => {
  using queue = BpfMap.create({ type: 'queue', value: u32, maxEntries: 2 });
  // @ts-expect-error the kernel does not list what is in a queue
  assert.throws(() => [...queue], TypeError);
});
