// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { u64le } from '../../src/bytes/codec/index.ts';
import { BpfMap, type RingMap } from '../../src/map/index.ts';
import { RingBuffer, UserRingBuffer } from '../../src/ringbuf/index.ts';
import { needsRoot, packet, ring, writer } from './support.ts';

const IN_USE = { name: 'BpfError', code: 'ERR_BPF_IN_USE' };

const userRing = (): RingMap => BpfMap.create({ type: 'user_ringbuf', name: 'commands', maxEntries: 4096 });

test('a ring has one reader at a time, which goes on where the last one left off', needsRoot(), () => {
  using map = ring();
  using program = writer(map, 8);
  const { id } = map.info();
  using same = BpfMap.fromId(id, { type: 'ringbuf' });
  const first = RingBuffer.open(map, { value: u64le });
  assert.throws(() => RingBuffer.open(same), {
    ...IN_USE,
    message: `Cannot open ring buffer "events" (ringbuf): this process already reads map ${id}, in this thread or in another worker thread: close that reader first`,
  });
  using other = ring();
  RingBuffer.open(other).close();
  const seen: bigint[] = [];
  for (let n = 0n; n < 300n; n++) {
    program.testRun({ data: packet(n) });
    if (n % 100n < 90n) seen.push(...first.take({ limit: 1 }));
  }
  first.close();
  using second = RingBuffer.open(map, { value: u64le });
  seen.push(...second.take());
  assert.deepEqual(
    seen,
    Array.from({ length: 300 }, (_, n) => BigInt(n)),
  );
});

test('a user ring has one writer at a time', needsRoot(), () => {
  using map = userRing();
  const first = UserRingBuffer.open(map);
  assert.throws(() => UserRingBuffer.open(map), {
    ...IN_USE,
    message: `Cannot open ring buffer "commands" (user_ringbuf): this process already writes map ${map.info().id}, in this thread or in another worker thread: close that writer first`,
  });
  first.write(new Uint8Array(8));
  first.close();
  using second = UserRingBuffer.open(map);
  assert.equal(second.available, 16);
});

for (const what of ['ringbuf', 'user_ringbuf', 'perf_event_array', 'leftovers'] as const) {
  test(`worker threads of a process do not get into each other's way: ${what}`, needsRoot(), () => {
    // Uses a separate process, because what a terminated thread had open stays open until the process ends.
    const program = fileURLToPath(new URL('./threads.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, what], { encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, 'ok\n', '']);
  });
}

test('a reader that was forgotten makes way once it is collected', needsRoot(), async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  using map = ring();
  (() => void RingBuffer.open(map))();
  for (let tries = 0; tries < 100; tries++) {
    collect();
    await setImmediate();
    try {
      RingBuffer.open(map).close();
      return;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'ERR_BPF_IN_USE');
    }
  }
  assert.fail('nobody reads it, and it is said to be in use');
});
