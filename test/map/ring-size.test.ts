// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BpfMap } from '../../src/map/index.ts';
import { ringSize } from '../../src/map/ring-size.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { pageSize } from '../../src/sys/index.ts';
import { needsMaps } from './needs.ts';

test('the size of a ring buffer is rounded up to a power of two of pages', needsMaps(), () => {
  for (const type of ['ringbuf', 'user_ringbuf'] as const) {
    for (const asked of [1, 5000, 8192, 3 * 65_536]) {
      using map = BpfMap.create({ type, maxEntries: asked });
      const expected = 2 ** Math.ceil(Math.log2(Math.max(asked, pageSize())));
      assert.deepEqual([map.maxEntries, map.info().maxEntries], [expected, expected]);
    }
  }
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: 5000 });
  using reader = RingBuffer.open(map);
  assert.deepEqual(reader.take(), []);
});

test('what cannot be rounded up stays as it is', () => {
  assert.deepEqual([ringSize(0), ringSize(2 ** 31), ringSize(2 ** 31 + 1)], [0, 2 ** 31, 2 ** 31 + 1]);
});
