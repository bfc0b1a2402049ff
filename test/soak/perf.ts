import { setImmediate } from 'node:timers/promises';
import { u32 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { onlineCpus } from '../../src/sys/index.ts';
import { Checker, chance, tolerate } from './checker.ts';
import { perfProducer } from './producers.ts';
import type { Outcome } from './records.ts';

/**
 * Tests the perf buffers of all CPUs. Each is written at full speed and is too small for that. The reader must be told
 * how many records are lost.
 */
export async function soakPerf(until: number): Promise<Outcome> {
  using map = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32, maxEntries: 4096 });
  const checker = new Checker(false);
  const producers = onlineCpus().map((cpu) => perfProducer(map, cpu));
  let told = 0;
  using reader = PerfBuffer.open(map, {
    bufferSize: 8192,
    wakeUp: { events: 1 + chance(20) },
    lost: (count) => {
      told += count;
    },
  });
  const check = (record: Uint8Array): void => checker.check(record, reader.cpu);
  const stop = new AbortController();
  const running = producers.map((producer) => producer.go(stop.signal));
  const ways: (() => unknown)[] = [
    () => reader.read(check),
    () => reader.read(check, { limit: 1 + chance(100) }),
    () =>
      reader.readViews((record) => {
        check(record);
        return chance(100) > 0;
      }),
    async () => {
      const end = new AbortController();
      const timer = setTimeout(() => end.abort(), chance(5));
      await reader.run(check, { signal: end.signal }).finally(() => clearTimeout(timer));
    },
    async () => {
      let left = chance(100);
      for await (const record of reader) {
        check(record);
        if (left-- <= 0) break;
      }
    },
    () => chance(5) === 0 && globalThis.gc?.(),
    () => setImmediate(),
    // Waits long enough for buffers to fill.
    async () => {
      for (let turns = chance(200); turns > 0; turns--) await setImmediate();
    },
  ];
  while (performance.now() < until) await tolerate(ways[chance(ways.length)] ?? setImmediate);
  stop.abort();
  await Promise.all(running);
  reader.read(check);
  // The kernel tells how many records it dropped when the next record fits.
  for (const producer of producers) await producer.once();
  reader.read(check);
  const dropped = Number(checker.finish(producers));
  if (reader.lost !== dropped || told !== dropped)
    checker.problems.push(
      `${dropped} records found no room, lost is ${reader.lost}, the callback was told of ${told}`,
    );
  for (const producer of producers) producer.close();
  return {
    counts: `${checker.count} records of ${producers.length} CPUs, ${dropped} found no room`,
    problems: checker.problems,
  };
}
