// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { needsMaps } from '../needs.ts';

const inner = { type: 'array', key: u32, value: u64, maxEntries: 2 } as const;

for (const type of ['hash_of_maps', 'array_of_maps'] as const) {
  test(`${type}: values are maps`, needsMaps(), () => {
    const before = openDescriptors().length;
    {
      using outer = BpfMap.create({ type, key: u32, maxEntries: 4, inner });
      assert.equal(openDescriptors().length, before + 1, 'the map that served as a pattern is closed again');
      using first = BpfMap.create(inner);
      first.set(1, 42n);
      assert.equal(outer.set(2, first), true);
      assert.equal(outer.get(1), undefined);
      using found = outer.get(2);
      // The annotation checks the type: the values of the inner map are bigints.
      const value: bigint | undefined = found?.get(1);
      assert.equal(value, 42n);
      assert.equal(found?.info().id, first.info().id);
      assert.deepEqual([...outer.keys()].includes(2), true);
      for (const [key, map] of outer) {
        assert.equal(key, 2);
        assert.equal(map.get(1), 42n);
        map.close();
      }
      assert.equal(outer.delete(2), true);
      assert.equal(outer.has(2), false);
    }
    assert.equal(openDescriptors().length, before);
  });
}

test('a map that exists can be the pattern; others than like it are refused', needsMaps(), () => {
  using pattern = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 4 });
  using outer = BpfMap.create({ type: 'hash_of_maps', key: u32, maxEntries: 4, inner: pattern });
  outer.set(1, pattern);
  assert.equal(pattern.closed, false);
  using other = BpfMap.create({ type: 'hash', key: u64, value: u64, maxEntries: 4 });
  assert.throws(() => outer.set(2, other as never), {
    code: 'EINVAL',
    message: /the inner map must match the one/,
  });
  assert.throws(() => outer.set(2, 5 as never), {
    name: 'TypeError',
    message: /^map [^:]*: value: expected a BpfMap, got 5$/,
  });
  assert.throws(() => outer.set(2, { fd: {} } as never), {
    name: 'TypeError',
    message: /^map [^:]*: value: expected a BpfMap, got an object$/,
  });
  pattern.close();
  assert.throws(() => outer.set(2, pattern), { code: 'ERR_BPF_CLOSED' });
});

test('maps of per-CPU maps keep the arrays of values', needsMaps(), () => {
  using outer = BpfMap.create({
    type: 'array_of_maps',
    key: u32,
    maxEntries: 1,
    inner: { type: 'percpu_array', key: u32, value: u64, maxEntries: 1 },
  });
  using map = BpfMap.create({ type: 'percpu_array', key: u32, value: u64, maxEntries: 1 });
  outer.set(0, map);
  using found = outer.get(0);
  const values: bigint[] | undefined = found?.get(0);
  assert.deepEqual(values, map.get(0));
  using again = BpfMap.fromFd(outer.fd.duplicate(), {
    key: u32,
    inner: { type: 'percpu_array', key: u32, value: u64 },
  });
  using deep = again.get(0);
  assert.deepEqual(deep?.get(0), values);
  using untyped = BpfMap.fromFd(outer.fd.duplicate(), { key: u32, inner: { key: u32, value: u64 } });
  using found2 = untyped.get(0);
  assert.ok(found2?.type === 'percpu_array');
  assert.deepEqual(found2.get(0), values);
  assert.throws(() => BpfMap.fromFd(map.fd.duplicate(), { inner: {} }), {
    name: 'TypeError',
    message: 'map (percpu_array) holds no maps: inner is for maps of type array_of_maps and hash_of_maps',
  });
});

test('inner is needed, and stands for the values', needsMaps(), () => {
  const own = { type: 'hash_of_maps', key: u32, maxEntries: 2 } as const;
  const refused = (options: object, message: string): void => {
    assert.throws(() => BpfMap.create(options as never), {
      name: 'TypeError',
      message: `BpfMap.create: ${message}`,
    });
  };
  const missing =
    'maps of type hash_of_maps need inner: a map like those that they will hold, or its options';
  refused(own, missing);
  refused({ ...own, inner: undefined }, missing);
  refused({ ...own, value: u32 }, missing);
  refused(
    { ...own, inner, value: u32 },
    'maps of type hash_of_maps take no value: inner says what their values are',
  );
  refused({ ...own, inner, records: u32 }, 'maps of type hash_of_maps hold no records');
  refused({ ...own, inner: 7 }, 'inner must be an object, got 7');
  refused(
    { ...inner, inner },
    'maps of type array hold no maps: inner is for maps of type array_of_maps and hash_of_maps',
  );
  using plain = BpfMap.create({ ...inner, inner: undefined } as typeof inner);
  assert.equal(plain.type, 'array');
  using outer = BpfMap.create({ ...own, inner });
  // Wrong options leave the descriptor with the caller.
  using fd = outer.fd.duplicate();
  assert.throws(() => BpfMap.fromFd(fd, { value: u32, inner: {} } as never), {
    name: 'TypeError',
    message: 'BpfMap.fromFd: value cannot be given with inner, which says what the values are',
  });
});
