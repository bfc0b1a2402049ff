// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { needsMaps } from './needs.ts';

test('the option lock needs a lock in the value', needsMaps(), () => {
  const message = /: EINVAL: the value has no struct bpf_spin_lock/;
  for (const type of ['array', 'hash'] as const) {
    using map = BpfMap.create({ type, key: u32, value: u64, maxEntries: 1 });
    assert.throws(() => map.get(0, { lock: true }), { message });
    assert.throws(() => map.set(0, 1n, { lock: true }), { message });
  }
});
