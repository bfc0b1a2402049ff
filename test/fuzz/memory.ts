/** How much memory reading an input takes. */
import { getHeapStatistics } from 'node:v8';
import type { Input } from './target.ts';

/** Times the length of the input. */
const FACTOR = 20;
/** What even an empty input may take: errors with stacks, tables of fixed size. */
const FLOOR = 512 << 10;

function used(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

const collect: () => void =
  globalThis.gc ??
  (() => {
    throw new Error('run with --expose-gc');
  });

export interface Measured {
  /** Everything allocated, in bytes, garbage included; less when the collector came in between. */
  readonly allocated: number;
}

/** Runs `read`, and says how much it allocated. */
export function measure(read: () => unknown): Measured {
  const before = used();
  read();
  return { allocated: used() - before };
}

export function limitOf(input: Input): number {
  return FACTOR * input.reduce((sum, { length }) => sum + length, 0) + FLOOR;
}

/** What stays of what `read` makes, in bytes, while its result is held. */
export function retained(read: () => unknown): number {
  collect();
  const before = used();
  const result = read();
  collect();
  const after = used();
  // Used after the measurement, or the collector would have been free to take it.
  return typeof result === 'symbol' ? 0 : after - before;
}
