import { type ArrayMap, BpfMap, type HashMap, type TableMap, u32, u64 } from 'ebpf-ts';
import { releaseTokens } from 'ebpf-ts/token';
import type { Contender } from './serve.ts';
import { BATCH_ENTRIES, DELETE_ENTRIES, SMALL_ENTRIES } from './shape.ts';

const MASK = SMALL_ENTRIES - 1;
/** u64 values are bigints. It is a constant, so that only the library's work is measured. */
const VALUE = 7n;

function missing(key: number): never {
  throw new Error(`the map has no entry ${key}`);
}

function hash(maxEntries: number, filled = 0): HashMap<number, bigint> {
  const map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries });
  for (let key = 0; key < filled; key++) map.set(key, VALUE);
  return map;
}

function array(): ArrayMap<number, bigint> {
  return BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: SMALL_ENTRIES });
}

function lookups(map: TableMap<number, bigint>): Contender {
  return {
    run(count) {
      for (let i = 0; i < count; i++) if (map.get(i & MASK) === undefined) missing(i & MASK);
    },
  };
}

function updates(map: TableMap<number, bigint>): Contender {
  return {
    run(count) {
      for (let i = 0; i < count; i++) map.set(i & MASK, VALUE);
    },
  };
}

function deletions(): Contender {
  const map = hash(DELETE_ENTRIES);
  return {
    prepare(count) {
      for (let key = 0; key < count; key++) map.set(key, VALUE);
    },
    run(count) {
      for (let key = 0; key < count; key++) if (!map.delete(key)) missing(key);
    },
  };
}

/** One operation is one entry; a round is a whole number of passes over the map. */
function batchLookup(): Contender {
  const map = hash(BATCH_ENTRIES, BATCH_ENTRIES);
  const keys = new Uint32Array(BATCH_ENTRIES);
  const values = new BigUint64Array(BATCH_ENTRIES);
  return {
    run(count) {
      for (let done = 0; done < count; done += BATCH_ENTRIES) {
        const read = map.readInto({ keys, values });
        if (read.count !== BATCH_ENTRIES) throw new Error(`batch lookup: ${read.count} entries`);
      }
    },
  };
}

function decodedLookup(): Contender {
  const map = hash(BATCH_ENTRIES, BATCH_ENTRIES);
  return {
    run(count) {
      for (let done = 0; done < count; done += BATCH_ENTRIES) {
        let entries = 0;
        for (const [, value] of map) if (value === VALUE) entries++;
        if (entries !== BATCH_ENTRIES) throw new Error(`decoded lookup: ${entries} entries`);
      }
    },
  };
}

function mapped() {
  return BpfMap.create({
    type: 'array',
    key: u32,
    value: u64,
    maxEntries: SMALL_ENTRIES,
    flags: ['mmapable'],
  }).mmap();
}

function mappedView(): Contender {
  const values = mapped().as(BigUint64Array);
  return {
    run(count) {
      for (let i = 0; i < count; i++) if (values[i & MASK] !== 0n) missing(i & MASK);
    },
  };
}

function mappedGet(): Contender {
  const values = mapped();
  return {
    run(count) {
      for (let i = 0; i < count; i++) if (values.get(i & MASK) !== 0n) missing(i & MASK);
    },
  };
}

function creations(): Contender {
  return {
    run(count) {
      for (let i = 0; i < count; i++) hash(SMALL_ENTRIES).close();
    },
  };
}

/** Creates maps as a process does that has created maps before, but has not found its tokens. */
function forgetfulCreations(): Contender {
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) {
      releaseTokens();
      hash(SMALL_ENTRIES).close();
    }
  };
  run(1000);
  return { run };
}

export const mapContenders: Readonly<Record<string, () => Contender>> = {
  'hash-lookup': () => lookups(hash(SMALL_ENTRIES, SMALL_ENTRIES)),
  'hash-update': () => updates(hash(SMALL_ENTRIES, SMALL_ENTRIES)),
  'hash-delete': deletions,
  'array-lookup': () => lookups(array()),
  'array-update': () => updates(array()),
  'batch-lookup': batchLookup,
  'batch-lookup-decoded': decodedLookup,
  'mapped-read': mappedView,
  'mapped-read-codec': mappedGet,
  'map-create': creations,
  'map-create-forgotten': forgetfulCreations,
};
