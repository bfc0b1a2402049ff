/** Ring buffers between BPF programs and this process: `ebpf-ts/ringbuf`. */
export type {
  AnyMap,
  EventReader,
  EventReaderOptions,
  ReadOptions,
  RecordSource,
  RunOptions,
} from '../events/index.ts';
export type { RecordOf } from './options.ts';
export { RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
export { type Reservation, UserRingBuffer, type UserRingBufferOptions } from './user-ring-buffer.ts';
