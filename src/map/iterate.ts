import { BpfError } from '../errors/index.ts';
import { BatchReader, UNSUPPORTED } from './batch-read.ts';
import type { MapCore } from './core.ts';
import { Elements } from './elements.ts';
import { describe } from './facts.ts';
import { BATCH_SAFE, INDEXED } from './families.ts';

const ENOENT = 2;
/** Bytes of keys and values that an iterator holds at a time. */
const CHUNK_BYTES = 128 << 10;
const CHUNK_ENTRIES = 4096;

/** Where the raw entry that an iteration stands at can be read. */
export interface RawEntry {
  readonly keys: DataView;
  readonly values: DataView;
  key: number;
  value: number;
}

/**
 * Steps through all entries, in the kernel's order. Whoever stays in the map all the while is met exactly once,
 * whatever is inserted or deleted meanwhile; whoever comes or goes may be met or not. Where the type allows it,
 * entries are read in batches of a system call each, so one may be reported that has just been deleted.
 *
 * The same `RawEntry` is yielded each time; it is valid until the next step.
 *
 * @param withValues - false: values are not read, only keys
 */
export function* rawEntries(core: MapCore, withValues: boolean): Generator<RawEntry, void, undefined> {
  if (BATCH_SAFE.has(core.facts.type)) {
    const supported = yield* batched(core);
    if (supported) return;
  }
  yield* walk(core, withValues);
}

/** How many entries fit a chunk. */
export function chunkEntries(core: MapCore): number {
  const { keySize, bufferSize, maxEntries } = core.facts;
  const fitting = Math.floor(CHUNK_BYTES / Math.max(keySize + bufferSize, 1));
  return Math.max(1, Math.min(fitting, CHUNK_ENTRIES, maxEntries));
}

/** Returns false, without having given anything out, where the kernel has no batches for this map. */
function* batched(core: MapCore): Generator<RawEntry, boolean, undefined> {
  const reader = new BatchReader(core, 'map_lookup_batch');
  const { keySize, bufferSize } = core.facts;
  let capacity = chunkEntries(core);
  let keys = new Uint8Array(capacity * keySize);
  let values = new Uint8Array(capacity * bufferSize);
  while (!reader.done) {
    const count = reader.read(keys, values, capacity);
    if (count === UNSUPPORTED) return false;
    if (count === 0 && !reader.done) {
      // One hash bucket holds more than fits.
      capacity *= 2;
      keys = new Uint8Array(capacity * keySize);
      values = new Uint8Array(capacity * bufferSize);
      continue;
    }
    const entry: RawEntry = {
      keys: new DataView(keys.buffer),
      values: new DataView(values.buffer),
      key: 0,
      value: 0,
    };
    for (let i = 0; i < count; i++) {
      entry.key = i * keySize;
      entry.value = i * bufferSize;
      yield entry;
    }
  }
  return true;
}

/**
 * From key to key. When the key the iteration stands at is gone, the kernel starts again at the first one: what was
 * met already is passed over then. The next key is asked for before the entry is given out, so that deleting the
 * entry at hand, which is what iterations do most, does not lead back to the start.
 */
function* walk(core: MapCore, withValues: boolean): Generator<RawEntry, void, undefined> {
  const { keySize, bufferSize, maxEntries, type } = core.facts;
  const elements = new Elements(core);
  const { view } = elements;
  const bytes = new Uint8Array(view.buffer);
  const copy = new Uint8Array(keySize + bufferSize);
  const data = new DataView(copy.buffer);
  const entry: RawEntry = { keys: data, values: data, key: 0, value: keySize };
  const met = INDEXED.has(type) ? undefined : new Set<string>();
  let patience = giveUpAfter(maxEntries);
  let more = step(core, elements.firstKey());
  while (more) {
    bytes.copyWithin(elements.key, elements.next, elements.next + keySize);
    const seen = met === undefined ? false : !isNew(met, bytes.subarray(0, keySize));
    if (seen && --patience < 0) throw aborted(core);
    const found = !seen && (!withValues || read(core, elements.lookup(0)));
    if (found) {
      copy.set(bytes.subarray(0, keySize));
      if (withValues) copy.set(bytes.subarray(elements.value, elements.value + bufferSize), keySize);
    }
    more = step(core, elements.nextKey());
    if (!found) continue;
    patience = giveUpAfter(maxEntries);
    yield entry;
    core.assertOpen();
  }
}

/** Steps over known keys before a walk is thought to go in circles: many restarts of the whole map. */
function giveUpAfter(maxEntries: number): number {
  return 64 * maxEntries + 1024;
}

function aborted(core: MapCore): BpfError {
  return new BpfError(
    `Cannot iterate over ${describe(core.facts)}: entries are deleted faster than they can be read`,
    { code: 'ERR_BPF_ITERATION_ABORTED' },
  );
}

function isNew(met: Set<string>, key: Uint8Array): boolean {
  const text = String.fromCharCode(...key);
  if (met.has(text)) return false;
  met.add(text);
  return true;
}

function step(core: MapCore, result: number): boolean {
  if (result === -ENOENT) return false;
  if (result < 0) throw core.error('iterate over', 'map_get_next_key', -result);
  return true;
}

function read(core: MapCore, result: number): boolean {
  if (result === -ENOENT) return false;
  if (result < 0) throw core.error('look up an entry of', 'map_lookup_elem', -result);
  return true;
}
