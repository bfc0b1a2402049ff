/** Events that BPF programs write to the CPUs' perf buffers: `ebpf-ts/perf`. */
export type {
  AnyMap,
  EventReader,
  EventReaderOptions,
  ReadOptions,
  RecordSource,
  RunOptions,
} from '../events/index.ts';
export type { PerfBufferOptions, WakeUp } from './options.ts';
export { PerfBuffer, type PerfRecordOf } from './perf-buffer.ts';
