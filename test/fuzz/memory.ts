/** Measures how much memory the reading of an input takes. */
import { getHeapStatistics } from 'node:v8';
import type { Input } from './target.ts';

/** The limit, as a multiple of the input's length. */
const FACTOR = 20;
/** The memory that even an empty input may take: errors with stacks, tables of fixed size. */
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
  /** Bytes allocated, including garbage. It is less if the collector ran meanwhile. */
  readonly allocated: number;
}

/** Runs `read`, and returns how much it allocated. */
export function measure(read: () => unknown): Measured {
  const before = used();
  read();
  return { allocated: used() - before };
}

export function limitOf(input: Input): number {
  return FACTOR * input.reduce((sum, { length }) => sum + length, 0) + FLOOR;
}

/** How many bytes `read` leaves allocated while its result is held. */
export function retained(read: () => unknown): number {
  collect();
  const before = used();
  const result = read();
  collect();
  const after = used();
  // Uses the result after the measurement. Otherwise the collector could have taken it.
  return typeof result === 'symbol' ? 0 : after - before;
}
