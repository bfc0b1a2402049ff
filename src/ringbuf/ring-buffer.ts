import { EventReader, type EventReaderOptions } from '../events/index.ts';
import { type AnyMap, checkRing, type RecordOf, ringText } from './options.ts';
import { RingMemory } from './ring-memory.ts';

/** How records are read. */
export type RingBufferOptions<T> = EventReaderOptions<T>;

/**
 * Reads what BPF programs write into a map of type `ringbuf` (`ringbuf_output`, `ringbuf_reserve` and
 * `ringbuf_submit`). The records come in the order in which they were reserved; a ring has one reader.
 *
 * Reading takes no system calls; waiting takes one. The map may be closed meanwhile; close the reader, or use `using`.
 * Linux ≥ 5.8
 *
 * @example
 * using events = RingBuffer.open(map, { value: struct({ pid: u32, comm: string(16) }) });
 * for await (const { pid, comm } of events) console.log(pid, comm);
 */
export class RingBuffer<T = Uint8Array> extends EventReader<T> {
  private constructor(map: AnyMap, options: RingBufferOptions<T>) {
    const what = ringText(map);
    super(what, new RingMemory(map.fd.duplicate(), what, map.maxEntries), map, options);
  }

  /**
   * Opens a ring buffer for reading.
   *
   * @throws TypeError for a map of another type, and for unknown options
   * @throws BpfError `EPERM` when the map is frozen or was opened for reading only: the reader writes its position
   */
  static open<V = undefined, T = RecordOf<V>>(
    map: AnyMap<V>,
    options: RingBufferOptions<T> = {},
  ): RingBuffer<T> {
    checkRing('RingBuffer.open', map, 'ringbuf', options, ['value']);
    return new RingBuffer(map, options);
  }
}
