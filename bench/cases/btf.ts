/** BTF of the running kernel. */

import { kernelBtf } from '../../src/sys/index.ts';
import type { BenchCase } from '../harness/case.ts';
import { fresh, ours, peers } from './contenders.ts';

/** The names of a hundred structs of the running kernel, from all parts of its BTF, in mixed order. */
function structNames(): string[] {
  const kernel = kernelBtf();
  const names = new Set<string>();
  for (let id = 1; id <= kernel.count; id++) {
    if (kernel.kindOf(id) === 'struct' && kernel.nameOf(id) !== '') names.add(kernel.nameOf(id));
  }
  const all = [...names];
  return Array.from(
    { length: HUNDRED },
    (_, i) => all[Math.floor((((i * 37 + 50) % HUNDRED) * all.length) / HUNDRED)] ?? '',
  );
}
const HUNDRED = 100;

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
      ours('btf-find', { start: fresh, args: structNames() }),
      ...(await peers(['libbpf', 'cilium'], 'btf-find', { start: fresh, args: structNames() })),
    ],
    targets: [],
  },
  {
    name: 'btf-find',
    title: 'a struct found by name in indexed BTF, again and again',
    operation: 'struct',
    unit: 'time',
    count: HUNDRED,
    rounds: 25,
    warmup: 20,
    base: 'libbpf',
    entrants: async () => [
      ours('btf-find', { args: structNames() }),
      ...(await peers(['libbpf', 'cilium'], 'btf-find', { args: structNames() })),
    ],
    targets: [
      { text: 'faster than libbpf', of: 'libbpf', times: 1 },
      { text: 'faster than cilium/ebpf', of: 'cilium', times: 1 },
      { text: 'microseconds: under 10 µs', plus: 10e3 },
    ],
  },
  {
    name: 'btf-find-hundred',
    title: 'a hundred structs found by name in a new process, indexing included',
    operation: 'struct',
    unit: 'time',
    count: HUNDRED,
    rounds: 15,
    warmup: 0,
    base: 'libbpf',
    entrants: async () => [
      ours('btf-open-find', { start: fresh, args: structNames() }),
      ...(await peers(['libbpf', 'cilium'], 'btf-open-find', { start: fresh, args: structNames() })),
    ],
    targets: [
      { text: 'faster than libbpf', of: 'libbpf', times: 1 },
      { text: 'faster than cilium/ebpf', of: 'cilium', times: 1 },
    ],
  },
];
