/** A worker thread that opens a map as its first or second user, reports how that went, and stays. */
import { parentPort, workerData } from 'node:worker_threads';
import { u32le } from '../../src/bytes/codec/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { PerfBuffer } from '../../src/perf/index.ts';
import { RingBuffer, UserRingBuffer } from '../../src/ringbuf/index.ts';

const { id, type } = workerData as { id: number; type: 'ringbuf' | 'user_ringbuf' | 'perf_event_array' };

function open(): void {
  if (type === 'perf_event_array') {
    using map = BpfMap.fromId(id, { type, key: u32le, value: u32le });
    PerfBuffer.open(map);
  } else if (type === 'ringbuf') {
    using map = BpfMap.fromId(id, { type });
    void RingBuffer.open(map).run(() => {});
  } else {
    using map = BpfMap.fromId(id, { type });
    // This record is never submitted.
    UserRingBuffer.open(map).reserve(16);
  }
}

try {
  open();
  parentPort?.postMessage('open');
} catch (error) {
  parentPort?.postMessage(BpfError.is(error) ? error.code : String(error));
}
parentPort?.on('message', () => {});
