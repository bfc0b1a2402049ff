/** Ring buffers between BPF programs and this process: `ebpf-ts/ringbuf`. */
export type { ReadOptions, RingBufferOptions, RunOptions } from './options.ts';
export { RingBuffer } from './ring-buffer.ts';
