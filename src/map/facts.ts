import { type BpfMapInfo, mapTypes, nameOrNumber } from '../abi/index.ts';
import { possibleCpus } from '../sys/index.ts';
import { PER_CPU } from './families.ts';
import { strideOf } from './per-cpu.ts';
import { RINGS, ringSize } from './ring-size.ts';

/** What the library remembers about a map: enough for every call and every error text. */
export interface MapFacts {
  /** The name of the type, or its number as text if this library does not know it. */
  readonly type: string;
  readonly name: string;
  readonly keySize: number;
  /** Bytes of one value. */
  readonly valueSize: number;
  /** Bytes that the kernel copies for the value of one entry. For per-CPU maps: the values of all CPUs. */
  readonly bufferSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** `map_extra`. For an arena: the address that it was created for. */
  readonly extra: bigint;
}

/** Bytes that the kernel copies for the value of one entry. */
export function bufferSizeOf(type: string, valueSize: number): number {
  return PER_CPU.has(type) ? strideOf(valueSize) * possibleCpus().length : valueSize;
}

/**
 * How many entries a map is created with. Ring buffers are rounded up to a power of two of pages. A perf event array
 * has one entry for each possible CPU, unless a number is given.
 */
export function entriesFor(type: string, maxEntries: number = 0): number {
  if (RINGS.has(type)) return ringSize(maxEntries);
  return type === 'perf_event_array' && maxEntries === 0 ? possibleCpus().length : maxEntries;
}

/** The facts of a map that exists already. */
export function factsOf(info: BpfMapInfo): MapFacts {
  const type = nameOrNumber(mapTypes, info.type);
  return {
    type,
    name: info.name,
    keySize: info.key_size,
    valueSize: info.value_size,
    bufferSize: bufferSizeOf(type, info.value_size),
    maxEntries: info.max_entries,
    flags: info.map_flags,
    extra: BigInt(info.map_extra),
  };
}

/** How error texts name the map: `map "counters" (hash)`. */
export function describe(facts: MapFacts): string {
  return facts.name === '' ? `map (${facts.type})` : `map "${facts.name}" (${facts.type})`;
}
