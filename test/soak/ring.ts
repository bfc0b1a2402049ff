import { setImmediate } from 'node:timers/promises';
import { BpfMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { Checker, chance, tolerate } from './checker.ts';
import { ringProducer } from './producers.ts';
import type { Outcome } from './records.ts';

const PRODUCERS = 3;

/** Tests one ring with several producers at once, and a reader that keeps changing how it reads. */
export async function soakRing(size: number, until: number): Promise<Outcome> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: size });
  const checker = new Checker(true);
  const check = (record: Uint8Array): void => checker.check(record);
  const producers = Array.from({ length: PRODUCERS }, (_, id) => ringProducer(map, id, true));
  const stop = new AbortController();
  const running = producers.map((producer) => producer.go(stop.signal));
  let reader = RingBuffer.open(map);
  let opened = 1;
  const reopen = (): void => {
    reader.close();
    reader = RingBuffer.open(map);
    opened++;
  };
  const ways: (() => unknown)[] = [
    () => reader.read((record) => checker.checkAndThrow(50, record)),
    () => {
      for (const record of reader.take({ limit: 1 + chance(100) })) check(record);
    },
    () =>
      reader.readViews((record) => {
        check(record);
        return chance(100) > 0;
      }),
    async () => {
      const end = new AbortController();
      const timer = setTimeout(() => end.abort(), chance(5));
      await reader
        .run((record) => checker.checkAndThrow(500, record), { signal: end.signal })
        .finally(() => clearTimeout(timer));
    },
    async () => {
      let left = chance(200);
      for await (const record of reader) {
        check(record);
        if (left-- <= 0) break;
      }
    },
    async () => {
      let left = chance(20);
      for await (const records of reader.batches({ limit: 1 + chance(64) })) {
        for (const record of records) check(record);
        if (left-- <= 0) break;
      }
    },
    reopen,
    () => {
      reader.read((record) => {
        check(record);
        if (chance(30) === 0) reader.close();
      });
      if (reader.closed) reopen();
    },
    () => chance(5) === 0 && globalThis.gc?.(),
    () => setImmediate(),
    // Waits long enough for the ring to fill.
    async () => {
      for (let turns = chance(200); turns > 0; turns--) await setImmediate();
    },
  ];
  while (performance.now() < until) await tolerate(ways[chance(ways.length)] ?? reopen);
  stop.abort();
  await Promise.all(running);
  reader.read(check);
  const dropped = checker.finish(producers);
  if (reader.available > 0) checker.problems.push(`${reader.available} bytes are left`);
  reader.close();
  for (const producer of producers) producer.close();
  const { count, thrown, problems } = checker;
  return {
    counts: `${count} records, ${dropped} found no room, ${opened} openings, ${thrown} throws`,
    problems,
  };
}
