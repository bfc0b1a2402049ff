/** A program that opens a map in several of its threads: `threads.js KIND`. Prints `ok`, or ends with an error. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Collection } from '../../src/collection/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { RingBuffer, UserRingBuffer } from '../../src/ringbuf/index.ts';
import { fixture } from '../collection/fixture.ts';
import { perfMap } from '../perf/support.ts';
import { ring } from './support.ts';

interface Kind {
  make(): BpfMap;
  open(map: BpfMap): { close(): void };
}

const kinds: Readonly<Record<string, Kind>> = {
  ringbuf: { make: () => ring() as BpfMap, open: (map) => RingBuffer.open(map) },
  user_ringbuf: {
    make: () => BpfMap.create({ type: 'user_ringbuf', maxEntries: 4096 }) as BpfMap,
    open: (map) => UserRingBuffer.open(map),
  },
  perf_event_array: { make: () => perfMap() as BpfMap, open: (map) => PerfBuffer.open(map) },
};

/** Starts a thread that opens the map and stays. Returns how that went. */
async function inWorker(map: BpfMap): Promise<{ answer: string; worker: Worker }> {
  const workerData = { id: map.info().id, type: map.type };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
  const [answer] = await once(worker, 'message');
  return { answer, worker };
}

async function inTurn({ make, open }: Kind): Promise<void> {
  using map = make();
  const mine = open(map);
  const second = await inWorker(map);
  assert.equal(second.answer, 'ERR_BPF_IN_USE');
  await second.worker.terminate();
  mine.close();

  const theirs = await inWorker(map);
  assert.equal(theirs.answer, 'open');
  assert.throws(() => open(map), { code: 'ERR_BPF_IN_USE' });
  await theirs.worker.terminate();
  open(map).close();
}

/** What a writer had reserved when its thread ended does not block the next writer. */
async function leftovers(): Promise<void> {
  using collection = Collection.loadSync(fixture('commands.el.clang19.o'));
  const { commands } = collection.maps;
  const { drain } = collection.programs;
  const { sum } = collection.variables;
  assert.ok(commands && drain && sum);
  const run = (): number => drain.testRun({ data: new Uint8Array(64) }).returnValue;
  const { answer, worker } = await inWorker(commands);
  assert.equal(answer, 'open');
  await worker.terminate();
  assert.equal(run() | 0, 0);
  using next = UserRingBuffer.open(commands);
  next.write({ kind: 0, weight: 1, value: 5n });
  assert.deepEqual([run(), sum.get(), next.available], [1, 5n, 0]);
}

const kind = kinds[process.argv[2] ?? ''];
await (kind === undefined ? leftovers() : inTurn(kind));
console.log('ok');
