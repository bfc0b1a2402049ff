import { checkOurs, OURS } from '../errors/index.ts';
import {
  type AnyMap,
  claimMap,
  EventReader,
  type EventReaderOptions,
  type Fitting,
  type RecordOf,
} from '../events/index.ts';
import type { Claim } from '../sys/index.ts';
import { checkRing, overwrites, ringText } from './options.ts';
import { RingMemory } from './ring-memory.ts';

/** How records are read. */
export type RingBufferOptions<T> = EventReaderOptions<T>;

/**
 * Reads the records that BPF programs write into a map of type `ringbuf` (with `ringbuf_output`, or `ringbuf_reserve`
 * and `ringbuf_submit`). The records come in the order in which they were reserved. A ring has one reader. A second one
 * in this process is refused, also in another worker thread. Keep other processes from reading the ring yourself: two
 * readers would take each other's records.
 *
 * Reading takes no system calls. Waiting takes one. You may close the map while the reader is open. Close the reader,
 * or use `using`. Linux >= 5.8
 *
 * If the map has the flag `rb_overwrite` (Linux >= 6.19), programs overwrite the oldest records when the ring is full.
 * The reader copies records before it hands them out, so it never gives one that is overwritten meanwhile.
 * `records.overwritten` says how many bytes were lost.
 *
 * @example
 * using events = RingBuffer.open(ring, { value: struct({ pid: u32, comm: string(16) }) });
 * for await (const { pid, comm } of events) console.log(pid, comm);
 */
export class RingBuffer<T = Uint8Array> extends EventReader<T> {
  private constructor(key: typeof OURS, map: AnyMap, claim: Claim, options: RingBufferOptions<T>) {
    checkOurs(key, 'RingBuffer', 'RingBuffer.open');
    const what = ringText(map);
    super(
      what,
      claim,
      new RingMemory(map.fd.duplicate(), what, map.maxEntries, overwrites(map)),
      map,
      options,
    );
  }

  /**
   * Opens a ring buffer for reading.
   *
   * @throws TypeError for a map of another type, and for unknown options
   * @throws BpfError `EPERM` when the map is frozen, `EACCES` when it was opened for reading or for writing only: the
   *   reader writes its position; `ERR_BPF_IN_USE` when this process reads the ring already, here or in another worker
   *   thread
   */
  static open<M extends AnyMap, T = RecordOf<M>>(
    map: Fitting<M, 'ringbuf'>,
    options: RingBufferOptions<T> = {},
  ): RingBuffer<T> {
    checkRing('RingBuffer.open', map, 'ringbuf', options, ['value']);
    return claimMap(map, ringText(map), 'reader', (claim) => new RingBuffer(OURS, map, claim, options));
  }
}
