import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { needsRoot, packet, ring, writer } from '../ringbuf/support.ts';
import { soakHeap } from '../soak/heap.ts';

test('reading records one by one takes no more and more memory', needsRoot(), async () => {
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc') as typeof globalThis.gc;
  // node:test follows promises, which makes this slow. `npm run soak:records` reads ten million.
  const { problems } = await soakHeap(400_000);
  assert.deepEqual(problems, []);
});

const threads = (): string[] => readdirSync('/proc/self/task');

function switches(thread: string): number {
  const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)?.[1]);
}

test('a reader that waits does not run', needsRoot(), async () => {
  using map = ring();
  using program = writer(map, 8);
  const before = threads();
  using reader = RingBuffer.open(map);
  const waiting = reader[Symbol.asyncIterator]().next();
  const added = threads().filter((thread) => !before.includes(thread));
  assert.ok(added.length > 0, 'a thread waits');
  // Only time shows that nothing happens in it.
  await setTimeout(50);
  const counts = added.map(switches);
  await setTimeout(300);
  assert.deepEqual(added.map(switches), counts);
  program.testRun({ data: packet(1n) });
  assert.equal((await waiting).value?.length, 8);
  assert.notDeepEqual(added.map(switches), counts, 'a record wakes it');
});
