/** What BPF programs print with `bpf_printk`: `ebpf-ts/trace`. */
export { BpfError, NotSupportedError } from '../errors/index.ts';
export { parseTraceLine, type TraceLine } from './trace-line.ts';
export { readTracePipe, type TracePipeOptions } from './trace-pipe.ts';
