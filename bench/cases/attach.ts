/** Attaching all programs of an object. */
import { fileURLToPath } from 'node:url';
import type { BenchCase, Entrant } from '../harness/case.ts';
import { ours, peers } from './contenders.ts';

const TWENTY = fileURLToPath(new URL('../../../test/fixtures/compiled/twenty.el.clang19.o', import.meta.url));

async function contenders(): Promise<Entrant[]> {
  const options = { args: [TWENTY] };
  return [ours('object-attach', options), ...(await peers(['libbpf'], 'object-attach', options))];
}

export const attachCases: readonly BenchCase[] = [
  {
    name: 'attach-20',
    title: 'attaching and detaching twenty programs for tracepoints',
    operation: 'object',
    unit: 'time',
    count: 1,
    rounds: 5,
    warmup: 1,
    base: 'libbpf',
    entrants: () => contenders(),
    targets: [],
  },
];
