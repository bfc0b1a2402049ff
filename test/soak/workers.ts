/** Tests a ring that one worker thread after another reads. Each of them is terminated while it reads. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BpfMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { chance } from './checker.ts';
import { lengthOf, numberOf, problemOf, ringProducer, writerOf } from './producers.ts';
import type { Outcome } from './records.ts';

const PRODUCERS = 2;

interface Shared {
  readonly id: number;
  /** How many records were read, for each producer. */
  readonly seen: BigInt64Array;
}

const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Reads until the thread is terminated. Records that the last thread read but did not give back come again, so the
 * first record of each producer may be one that was seen already. No record may be missing.
 */
async function read({ id, seen }: Shared, report: (problem: string) => void): Promise<void> {
  using map = BpfMap.fromId(id, { type: 'ringbuf' });
  const next = new Map<number, bigint>();
  const each = (record: Uint8Array): void => {
    const writer = writerOf(record);
    const number = numberOf(record);
    const already = Atomics.load(seen, writer);
    const expected = next.get(writer) ?? minimum(number, already);
    const problem = problemOf(record, writer, expected, lengthOf(expected, true));
    if (problem !== undefined) report(problem);
    next.set(writer, expected + 1n);
    if (expected >= already) Atomics.store(seen, writer, expected + 1n);
  };
  await RingBuffer.open(map).run(each);
}

if (!isMainThread && workerData !== null) {
  parentPort?.postMessage('up');
  await read(workerData as Shared, (problem) => parentPort?.postMessage(problem));
}

export async function soakWorkers(until: number): Promise<Outcome> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: 16_384 });
  const seen = new BigInt64Array(new SharedArrayBuffer(8 * PRODUCERS));
  const producers = Array.from({ length: PRODUCERS }, (_, id) => ringProducer(map, id, false));
  const stop = new AbortController();
  const running = producers.map((producer) => producer.go(stop.signal));
  const problems: string[] = [];
  let threads = 0;
  do {
    const worker = new Worker(new URL(import.meta.url), { workerData: { id: map.info().id, seen } });
    worker.on('error', (error) => problems.push(String(error)));
    await once(worker, 'message');
    worker.on('message', (problem) => problems.push(problem));
    threads++;
    const before = Atomics.load(seen, 0);
    const patience = performance.now() + 10_000;
    // Some threads are terminated before they have read anything.
    if (chance(4) > 0)
      while (Atomics.load(seen, 0) < before + BigInt(chance(500)) && performance.now() < patience)
        await new Promise((resolve) => setTimeout(resolve, 1));
    await worker.terminate();
  } while (performance.now() < until && problems.length < 10);
  stop.abort();
  await Promise.all(running);
  const left = RingBuffer.open(map);
  for (const record of left.take()) {
    const writer = writerOf(record);
    const number = numberOf(record);
    if (number > Atomics.load(seen, writer))
      problems.push(`expected record ${seen[writer]} of ${writer}, got ${number}`);
    if (number === Atomics.load(seen, writer)) Atomics.store(seen, writer, number + 1n);
  }
  left.close();
  for (const { id, counts, close } of producers) {
    const { written } = counts();
    if (written !== seen[id]) problems.push(`producer ${id} wrote ${written} records, ${seen[id]} were read`);
    close();
  }
  return { counts: `${seen.reduce((sum, each) => sum + each, 0n)} records, ${threads} threads`, problems };
}
