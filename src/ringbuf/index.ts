/** Ring buffers between BPF programs and this process: `ebpf-ts/ringbuf`. */
export { BpfError, ClosedError, FormatError, NotSupportedError } from '../errors/index.ts';
export type {
  AnyMap,
  Copies,
  EventReader,
  EventReaderOptions,
  Fitting,
  ReadOptions,
  RecordCounts,
  RecordOf,
  RecordSource,
  RunOptions,
  Stretch,
  Tally,
} from '../events/index.ts';
export { RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
export { type Reservation, UserRingBuffer, type UserRingBufferOptions } from './user-ring-buffer.ts';
