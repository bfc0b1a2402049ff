// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { struct, u8, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { possibleCpus } from '../../../src/sys/index.ts';
import { needsMaps } from '../needs.ts';

const CPUS = possibleCpus().length;

for (const type of ['percpu_hash', 'percpu_array', 'lru_percpu_hash'] as const) {
  test(`${type}: a value for each possible CPU`, needsMaps(), () => {
    const value = struct({ a: u8, b: u32 });
    using map = BpfMap.create({ type, key: u32, value, maxEntries: 8 });
    const values = Array.from({ length: CPUS }, (_, cpu) => ({ a: cpu % 256, b: 1000 + cpu }));
    map.set(3, values);
    const found: { a: number; b: number }[] | undefined = map.get(3);
    assert.deepEqual(found, values);
    assert.deepEqual(new Map(map).get(3), values);
    map.setMany([
      [4, values],
      [5, values],
    ]);
    assert.deepEqual(map.get(5), values);
  });
}

test('narrow values lie 8 bytes apart', needsMaps(), () => {
  using map = BpfMap.create({ type: 'percpu_array', key: u32, value: u32, maxEntries: 2 });
  map.set(
    1,
    Array.from({ length: CPUS }, (_, cpu) => cpu + 1),
  );
  const values = new Uint32Array(2 * 2 * CPUS);
  assert.equal(map.readInto({ keys: new Uint32Array(2), values }).count, 2);
  for (let cpu = 0; cpu < CPUS; cpu++) assert.equal(values[2 * CPUS + 2 * cpu], cpu + 1);
});

test('values that do not fit name the CPU', needsMaps(), () => {
  using map = BpfMap.create({ type: 'percpu_hash', key: u32, value: u64, maxEntries: 2 });
  assert.throws(() => map.set(1, []), {
    name: 'RangeError',
    message: `map (percpu_hash): value: expected a value for each of the ${CPUS} possible CPUs, got 0`,
  });
  assert.throws(() => map.set(1, 5n as never), TypeError);
  const values = new Array<bigint>(CPUS).fill(0n).with(CPUS - 1, -1n);
  assert.throws(() => map.set(1, values), {
    name: 'RangeError',
    message: new RegExp(`^map \\(percpu_hash\\): value\\[${CPUS - 1}\\]: -1n`),
  });
});
