/** Reading and writing maps: hash and array maps of u32 keys and u64 values. */
import type { BenchCase, Target } from '../harness/case.ts';
import { ours, peers } from './contenders.ts';

const SINGLE: readonly Target[] = [
  { text: 'at most 1.2× the bare call', of: 'floor', times: 1.2 },
  { text: 'faster than cilium/ebpf', of: 'cilium', times: 1 },
];

function single(name: string, title: string, operation: string): BenchCase {
  return {
    name: `map-${name}`,
    title,
    operation,
    unit: 'time',
    count: 20_000,
    rounds: 25,
    warmup: 3,
    base: 'floor',
    entrants: async () => [ours(name), ...(await peers(['floor', 'libbpf', 'cilium'], name))],
    targets: SINGLE,
  };
}

export const mapCases: readonly BenchCase[] = [
  single('hash-lookup', 'one lookup in a hash map of 1,024 entries', 'lookup'),
  single('hash-update', 'one update of an existing entry of a hash map', 'update'),
  single('hash-delete', 'one deletion from a hash map', 'deletion'),
  single('array-lookup', 'one lookup in an array map', 'lookup'),
  single('array-update', 'one update of an array map', 'update'),
  {
    name: 'map-batch-lookup',
    title: 'all 100,000 entries of a hash map in batches',
    operation: 'entry',
    unit: 'time',
    count: 100_000,
    rounds: 15,
    warmup: 3,
    base: 'floor',
    entrants: async () => [
      ours('batch-lookup', { title: 'ebpf-ts, typed arrays' }),
      ours('batch-lookup-decoded', { id: 'ours-decoded', title: 'ebpf-ts, decoded to numbers and bigints' }),
      ...(await peers(['floor', 'libbpf', 'cilium'], 'batch-lookup')),
    ],
    targets: [{ text: "at least 0.9× libbpf's rate", of: 'libbpf', times: 1 / 0.9 }],
  },
  {
    name: 'map-mapped-read',
    title: 'one value of an array map mapped into memory',
    operation: 'read',
    unit: 'time',
    count: 1_000_000,
    rounds: 15,
    warmup: 3,
    base: 'floor',
    entrants: async () => [
      ours('mapped-read', { title: 'ebpf-ts, typed array' }),
      ours('mapped-read-codec', { id: 'ours-codec', title: 'ebpf-ts, get() with a codec' }),
      ...(await peers(['floor', 'cilium'], 'mapped-read')),
    ],
    targets: [{ text: 'under 5 ns a read', plus: 5 }],
  },
];
