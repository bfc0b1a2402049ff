// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapFlag } from '../../src/abi/index.ts';
import { type Codec, i64, struct, u32, u64, u64be } from '../../src/bytes/codec/index.ts';
import { ClosedError } from '../../src/errors/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { kernelLacksMapType } from '../../src/map/kernel-types.ts';
import { needsMaps } from './needs.ts';

test('mapped values are the values', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1000, flags: ['mmapable'] });
  using mapped = map.mmap();
  assert.equal(mapped.length, 1000);
  assert.equal(mapped.stride, 8);
  map.set(999, 5n);
  assert.equal(mapped.get(999), 5n);
  const words = mapped.as(BigUint64Array);
  assert.equal(words.length, 1000);
  assert.equal(words[999], 5n);
  words[0] = 7n;
  assert.equal(map.get(0), 7n);
  mapped.set(1, 8n);
  assert.equal(map.get(1), 8n);
});

test('narrow and wide values lie at multiples of 8', needsMaps(), () => {
  using narrow = BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 3, flags: ['mmapable'] });
  using mapped = narrow.mmap();
  narrow.set(2, 9);
  assert.equal(mapped.as(Uint32Array)[4], 9);
  assert.equal(mapped.get(2), 9);
  const value = struct({ a: u64, b: u32 }, { packed: true });
  using wide = BpfMap.create({ type: 'array', key: u32, value, maxEntries: 3, flags: ['mmapable'] });
  using other = wide.mmap();
  assert.equal(other.stride, 16);
  wide.set(2, { a: 1n, b: 2 });
  assert.deepEqual(other.get(2), { a: 1n, b: 2 });
});

test('closing ends every view, and the map may close first', needsMaps(), () => {
  const map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
  const mapped = map.mmap();
  const words = mapped.as(BigUint64Array);
  map.close();
  assert.equal(mapped.get(0), 0n);
  mapped.close();
  mapped.close();
  assert.equal(mapped.closed, true);
  assert.equal(words.length, 0);
  assert.throws(() => mapped.get(0), ClosedError);
  assert.throws(() => mapped.set(0, 1n), ClosedError);
  assert.throws(() => mapped.as(Uint8Array), ClosedError);
  assert.throws(() => mapped.buffer, ClosedError);
});

test('indexes are checked', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
  using mapped = map.mmap();
  for (const index of [-1, 4, 0.5, Number.NaN]) assert.throws(() => mapped.get(index), RangeError);
  assert.throws(() => mapped.get(0n as never), {
    name: 'TypeError',
    message: 'index must be a number, got 0n',
  });
  assert.throws(() => mapped.set(0n as never, 1n), TypeError);
  assert.throws(() => mapped.set(0, -1n), RangeError);
});

test('frozen maps are mapped for reading only', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
  map.set(1, 3n);
  map.freeze();
  assert.throws(() => map.mmap(), { code: 'EPERM' });
  using mapped = map.mmap({ writable: false });
  assert.equal(mapped.get(1), 3n);
  assert.throws(() => mapped.set(1, 1n), { name: 'TypeError', message: /is mapped read-only/ });
});

test('a refusal names what keeps the map from being mapped', needsMaps(), () => {
  const make = (...more: MapFlag[]) =>
    BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable', ...more] });
  using constant = make('rdonly_prog');
  assert.throws(() => constant.mmap(), { message: /flag rdonly_prog: map it with writable: false$/ });
  constant.mmap({ writable: false }).close();
  using frozen = make();
  frozen.freeze();
  assert.throws(() => frozen.mmap(), { message: /: the map is frozen: map it with writable: false$/ });
  for (const [flag, right] of [
    ['rdonly', 'reading'],
    ['wronly', 'writing'],
  ] as const) {
    using map = make(flag);
    const message = new RegExp(
      `: the map was opened for ${right} only, or made with the flag ${flag}, .* access: "both"$`,
    );
    for (const writable of [true, false]) assert.throws(() => map.mmap({ writable }), { message });
    using both = BpfMap.fromId(map.info().id, { type: 'array', key: u32, value: u64 });
    both.mmap().close();
  }
});

test('a map that is mapped writable cannot be frozen', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4, flags: ['mmapable'] });
  using _mapped = map.mmap();
  assert.throws(() => map.freeze(), { code: 'EBUSY', message: /mapped writable/ });
});

test('maps that cannot be mapped say so', needsMaps(), () => {
  using array = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4 });
  assert.throws(() => array.mmap(), { syscall: 'mmap', message: /flag mmapable/ });
  using hash = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 4 });
  // @ts-expect-error the kernel maps no hash
  assert.throws(() => hash.mmap(), { name: 'TypeError', message: /mmap is not a function/ });
});

test('an arena is memory', needsMaps(), (t) => {
  if (kernelLacksMapType('arena')) return t.skip('this kernel has no map type arena');
  using map = BpfMap.create({ type: 'arena', maxEntries: 4 });
  using mapped = map.mmap();
  const bytes = mapped.as(Uint8Array);
  assert.equal(bytes.length, 4 * 4096);
  bytes[5000] = 7;
  assert.equal(bytes[5000], 7);
});

test('values read as their codec writes them, whichever way they are read', needsMaps(), () => {
  const values: [Codec<bigint>, bigint][] = [
    [u64, 0xfedc_ba98_7654_3210n],
    [i64, -5n],
    [u64be, 0x0102_0304_0506_0708n],
  ];
  for (const [value, written] of values) {
    using map = BpfMap.create({ type: 'array', key: u32, value, maxEntries: 3, flags: ['mmapable'] });
    using mapped = map.mmap();
    mapped.set(2, written);
    assert.deepEqual([mapped.get(1), mapped.get(2), map.get(2)], [0n, written, written], value.name);
    mapped.close();
    assert.throws(() => mapped.get(2), { name: 'ClosedError' });
  }
});

test('only typed arrays are views of the memory', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1, flags: ['mmapable'] });
  using mapped = map.mmap();
  for (const [type, shown] of [
    [Array, 'a function'],
    [DataView, 'a function'],
    [undefined, 'undefined'],
    [{ BYTES_PER_ELEMENT: 1 }, 'an object'],
  ]) {
    assert.throws(() => mapped.as(type as never), {
      name: 'TypeError',
      message: `as: type must be the class of a typed array, such as Uint32Array, got ${shown}`,
    });
  }
  assert.throws(() => map.mmap({ writable: 'no' } as never), {
    name: 'TypeError',
    message: 'mmap: writable must be true or false, got "no"',
  });
});
