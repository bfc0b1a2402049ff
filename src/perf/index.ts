/** Events that BPF programs write to the CPUs' perf buffers: `ebpf-ts/perf`. */
export { BpfError, ClosedError, FormatError, NotSupportedError, TokenError } from '../errors/index.ts';
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
export type { PerfBufferOptions, WakeUp } from './options.ts';
export { PerfBuffer } from './perf-buffer.ts';
