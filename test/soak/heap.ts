import { BpfMap } from '../../src/map/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { numberedWriter } from '../events/support.ts';
import type { Outcome } from './records.ts';

const AT_ONCE = 100_000;
/** How much more memory may be in use in the end: far less than a byte for each record. */
const ROOM = 2 ** 20;

function used(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Reads many records one by one, and looks whether memory grows. `globalThis.gc` must be there. */
export async function soakHeap(records: number): Promise<Outcome> {
  using map = BpfMap.create({ type: 'ringbuf', maxEntries: 1 << 22 });
  using filler = numberedWriter(map);
  using reader = RingBuffer.open(map);
  let before = 0;
  let count = 0;
  filler.fill(AT_ONCE);
  for await (const _ of reader) {
    if (++count % AT_ONCE !== 0) continue;
    if (count === 2 * AT_ONCE) before = used();
    if (count >= records) break;
    filler.fill(AT_ONCE);
  }
  const grown = used() - before;
  return {
    counts: `${count} records one by one, memory grown by ${Math.round(grown / 1024)} KiB`,
    problems: grown > ROOM ? [`memory grew by ${grown} bytes`] : [],
  };
}
