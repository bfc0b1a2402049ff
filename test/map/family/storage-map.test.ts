// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { i32, struct, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { pidfdOpen } from '../../../src/sys/index.ts';
import { needsMaps } from '../needs.ts';

test('storage of a task: the key is a descriptor of the process', needsMaps(), () => {
  const value = struct({ hits: u64, level: u32 });
  using map = BpfMap.create({ type: 'task_storage', key: i32, value, name: 'per_task' });
  using self = pidfdOpen(process.pid);
  assert.equal(map.get(self.value), undefined);
  assert.equal(map.set(self.value, { hits: 3n, level: 2 }, { mode: 'noexist' }), true);
  assert.deepEqual(map.get(self.value), { hits: 3n, level: 2 });
  assert.equal(map.delete(self.value), true);
  assert.equal(map.get(self.value), undefined);
  assert.throws(() => map.get(-1), { code: 'EBADF' });
});

test('storage that sockets hand on to those they accept is created', needsMaps(), () => {
  using map = BpfMap.create({ type: 'sk_storage', key: i32, value: u64, flags: ['clone'] });
  assert.deepEqual([...map.info().flags].sort(), ['clone', 'no_prealloc']);
});
