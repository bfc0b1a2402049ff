import { setImmediate } from 'node:timers/promises';
import { BpfMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { chance } from './checker.ts';
import { lengthOf, numberOf, problemOf, ringProducer, writerOf } from './producers.ts';
import type { Outcome } from './records.ts';

const PRODUCERS = 2;

/**
 * Tests a ring that overwrites unread records, with several producers at full speed. Records may be missing, but each
 * one is whole, and those of one producer are in order.
 */
export async function soakOverwriting(until: number): Promise<Outcome> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: 16_384, flags: ['rb_overwrite'] });
  const producers = Array.from({ length: PRODUCERS }, (_, id) => ringProducer(map, id, false));
  const stop = new AbortController();
  const running = producers.map((producer) => producer.go(stop.signal));
  const problems: string[] = [];
  const next = new Map<number, bigint>();
  let count = 0;
  let openings = 1;
  let overwritten = 0;
  const check = (record: Uint8Array): void => {
    count++;
    const id = writerOf(record);
    const sequence = numberOf(record);
    const expected = next.get(id) ?? 0n;
    const problem =
      id >= PRODUCERS || sequence < expected
        ? `record ${sequence} of ${id} came after ${expected - 1n}`
        : problemOf(record, id, sequence, lengthOf(sequence, true));
    if (problem !== undefined && problems.length < 10) problems.push(problem);
    next.set(id, sequence + 1n);
  };
  let reader = RingBuffer.open(map);
  const ways: (() => unknown)[] = [
    () => reader.read(check),
    () => reader.readViews(check, { limit: 1 + chance(300) }),
    async () => {
      let left = chance(200);
      for await (const record of reader) {
        check(record);
        if (left-- <= 0) break;
      }
    },
    () => {
      for (const record of reader.take({ limit: 1 + chance(1000) })) check(record);
    },
    () => {
      overwritten += reader.records.overwritten ?? 0;
      reader.close();
      reader = RingBuffer.open(map);
      openings++;
    },
    () => chance(5) === 0 && globalThis.gc?.(),
    () => setImmediate(),
  ];
  while (performance.now() < until && problems.length === 0) await ways[chance(ways.length)]?.();
  stop.abort();
  await Promise.all(running);
  reader.read(check);
  overwritten += reader.records.overwritten ?? 0;
  if (reader.available > 0) problems.push(`${reader.available} bytes are left`);
  reader.close();
  // The last record of all is there. Those of a producer that ended earlier may be gone.
  if (!producers.some(({ id, counts }) => next.get(id) === counts().written)) {
    problems.push('the last record did not come');
  }
  for (const { id, counts, close } of producers) {
    const { written } = counts();
    if ((next.get(id) ?? 0n) > written) problems.push(`${id} wrote ${written} records, ${next.get(id)} came`);
    close();
  }
  if (overwritten === 0) problems.push('nothing was overwritten');
  return { counts: `${count} records, ${overwritten} bytes overwritten, ${openings} openings`, problems };
}
