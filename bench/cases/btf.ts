/** BTF of the running kernel. */
import type { BenchCase } from '../harness/case.ts';
import { fresh, ours, peers } from './contenders.ts';

/** Structs of every kernel, from the beginning, the middle and the end of its BTF. */
const STRUCTS = [
  ...['tcp_sock', 'task_struct', 'udp_sock', 'file', 'inet_sock', 'net_device', 'rtable', 'page'],
  ...['bpf_verifier_env', 'sk_buff', 'xdp_buff', 'rq', 'pci_dev', 'bpf_link', 'kernfs_node', 'perf_event'],
];

export const btfCases: readonly BenchCase[] = [
  {
    name: 'btf-index',
    title: 'indexing the BTF of vmlinux, once in a new process',
    operation: 'vmlinux',
    unit: 'time',
    count: 1,
    rounds: 15,
    warmup: 0,
    base: 'libbpf',
    entrants: async () => [
      ours('btf-index', { start: fresh }),
      ...(await peers(['floor', 'libbpf', 'cilium'], 'btf-index', { start: fresh })),
    ],
    targets: [{ text: "within 1.2× of libbpf's btf__parse", of: 'libbpf', times: 1.2 }],
  },
  {
    name: 'btf-find-first',
    title: 'the first struct found by name in indexed BTF',
    operation: 'struct',
    unit: 'time',
    count: 1,
    rounds: 15,
    warmup: 0,
    base: 'libbpf',
    entrants: async () => [
      ours('btf-find', { start: fresh, args: STRUCTS }),
      ...(await peers(['libbpf', 'cilium'], 'btf-find', { start: fresh, args: STRUCTS })),
    ],
    targets: [],
  },
  {
    name: 'btf-find',
    title: 'a struct found by name in indexed BTF, again and again',
    operation: 'struct',
    unit: 'time',
    count: 160,
    rounds: 25,
    warmup: 10,
    base: 'libbpf',
    entrants: async () => [
      ours('btf-find', { args: STRUCTS }),
      ...(await peers(['libbpf', 'cilium'], 'btf-find', { args: STRUCTS })),
    ],
    targets: [{ text: 'microseconds: under 10 µs', plus: 10e3 }],
  },
];
