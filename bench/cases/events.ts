/** Reading records from ring buffers and perf buffers that a BPF program has filled before. */
import type { BenchCase, Target } from '../harness/case.ts';
import { libbpf } from '../peers/c.ts';
import { ours, peers } from './contenders.ts';

/** A form of reading, its title, and its least share of the rate of cilium/ebpf. */
type Form = readonly [form: string, title: string, share?: number];

const RING_FORMS: readonly Form[] = [
  ['in-place', 'readInPlace', 1],
  ['views', 'readViews', 0.5],
  ['read', 'read, copies'],
  ['struct', 'read, struct of two u64', 0.4],
  ['take', 'take, copies'],
  ['batches', 'batches, copies', 0.4],
  ['run', 'run, copies'],
  ['for-await', 'for await, copies', 0.15],
];

/** cilium/ebpf reads perf buffers a third as fast as ring buffers, and we read them nearly as fast. */
const PERF_SHARES: Readonly<Record<string, number>> = {
  'in-place': 2,
  views: 1,
  struct: 1,
  batches: 0.6,
  'for-await': 0.3,
};
const PERF_FORMS: readonly Form[] = RING_FORMS.map(([form, title]) => {
  const share = PERF_SHARES[form];
  return share === undefined ? [form, title] : [form, title, share];
});

function targets(forms: readonly Form[]): Target[] {
  return forms.flatMap(([form, title, share]) =>
    share === undefined
      ? []
      : [
          {
            text: `${title}: at least ${share}× cilium/ebpf's rate`,
            who: `ours-${form}`,
            of: 'cilium',
            times: 1 / share,
          },
        ],
  );
}

/** @param count - fits into a buffer of 16 MiB */
function reading(
  kind: 'ring' | 'perf',
  title: string,
  forms: readonly Form[],
  size: number,
  count: number,
): BenchCase {
  return {
    name: `${kind}-read-${size}`,
    title: `records of ${size} bytes in a ${title} of 16 MiB`,
    operation: 'record',
    unit: 'time',
    count,
    rounds: 15,
    warmup: 5,
    base: 'cilium',
    entrants: async () => [
      ...forms.map(([form, name]) =>
        ours(kind, { id: `ours-${form}`, title: `ebpf-ts, ${name}`, args: [`${size}`, form] }),
      ),
      ...(await peers(['libbpf', 'cilium'], kind, { args: [`${size}`] })),
    ],
    targets: targets(forms),
  };
}

/** @param name - of the operation: it returns the median or another part of the latencies */
function latency(name: string, title: string): BenchCase {
  return {
    name,
    title: `from a record's submission to the callback of a reader that waits: ${title}`,
    operation: 'record',
    unit: 'time',
    count: 300,
    rounds: 9,
    warmup: 2,
    base: 'libbpf',
    entrants: async () => {
      // It also writes the records for our side.
      const [peer] = await peers(['libbpf'], name);
      const { program } = await libbpf();
      const own = typeof program === 'string' ? [ours(name, { args: [program] })] : [];
      return peer === undefined ? own : [...own, peer];
    },
    targets: [],
  };
}

export const eventCases: readonly BenchCase[] = [
  reading('ring', 'ring buffer', RING_FORMS, 16, 200_000),
  reading('ring', 'ring buffer', RING_FORMS, 128, 100_000),
  reading('perf', 'perf buffer', PERF_FORMS, 16, 200_000),
  reading('perf', 'perf buffer', PERF_FORMS, 128, 100_000),
  latency('ring-latency', 'median'),
  latency('ring-latency-p99', '99th percentile'),
];
