import { BpfError, ERRNO } from '../../errors/index.ts';
import type { MapCore } from '../core.ts';
import { describe } from '../facts.ts';
import { BATCH_SAFE, INDEXED, RESIZING } from '../families.ts';
import { BatchReader, UNSUPPORTED } from './batch-read.ts';
import { Elements } from './elements.ts';

const { ENOENT } = ERRNO;

/** Bytes of keys and values that an iterator holds at a time. */
const CHUNK_BYTES = 128 << 10;
const CHUNK_ENTRIES = 4096;

const FIRST_CHUNK_ENTRIES = 64;

/** Entries as plain bytes: keys one behind the other, and their values. */
export interface RawChunk {
  readonly keys: DataView;
  readonly values: DataView;
  readonly count: number;
}

/**
 * Steps through all entries, in the kernel's order. An entry that stays in the map all the while is met exactly once,
 * whatever is inserted or deleted meanwhile; one that comes or goes may be met or not. Where the type allows it,
 * entries are read in batches of a system call each, so one may be reported that has just been deleted.
 *
 * A chunk's memory is valid until the next step.
 *
 * @param withValues - false: values may be left out
 */
export function* rawChunks(core: MapCore, withValues: boolean): Generator<RawChunk, void, undefined> {
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
function* batched(core: MapCore): Generator<RawChunk, boolean, undefined> {
  const reader = new BatchReader(core, 'map_lookup_batch');
  const { keySize, bufferSize } = core.facts;
  const most = chunkEntries(core);
  // Many an iteration ends early: it begins with little.
  let capacity = Math.min(most, FIRST_CHUNK_ENTRIES);
  // Codecs see the chunk's views, not these.
  let keys = new Uint8Array(capacity * keySize);
  let values = new Uint8Array(capacity * bufferSize);
  while (!reader.done) {
    const count = reader.read(keys, values, capacity);
    if (count === UNSUPPORTED) return false;
    if (count > 0) yield { keys: new DataView(keys.buffer), values: new DataView(values.buffer), count };
    // None, and not at the end: one hash bucket holds more than fits.
    if (count === 0 || capacity < most) {
      capacity = count === 0 ? capacity * 2 : Math.min(capacity * 4, most);
      keys = new Uint8Array(capacity * keySize);
      values = new Uint8Array(capacity * bufferSize);
    }
  }
  return true;
}

/**
 * From key to key. When the key the iteration stands at is gone, the kernel starts again at the first one: what was
 * met already is passed over then. The next key is asked for before the entry is given out, so that deleting the
 * entry at hand, which is what iterations do most, does not lead back to the start. Each chunk is one entry.
 *
 * Where entries change places, it goes on until a whole pass meets nobody new.
 */
export function* walk(core: MapCore, withValues: boolean): Generator<RawChunk, void, undefined> {
  const { keySize, bufferSize, maxEntries, type } = core.facts;
  const elements = new Elements(core);
  const { view } = elements;
  const bytes = new Uint8Array(view.buffer);
  const key = new Uint8Array(keySize);
  const value = new Uint8Array(bufferSize);
  const chunk: RawChunk = { keys: new DataView(key.buffer), values: new DataView(value.buffer), count: 1 };
  const met = INDEXED.has(type) ? undefined : new Set<string>();
  let patience = giveUpAfter(maxEntries);
  let metInThisPass = 0;
  let more = step(core, elements.firstKey());
  while (more) {
    bytes.copyWithin(elements.key, elements.next, elements.next + keySize);
    const seen = met === undefined ? false : !isNew(met, bytes.subarray(0, keySize));
    if (seen && --patience < 0) throw aborted(core);
    const found = !seen && (!withValues || read(core, elements.lookup(0)));
    if (found) {
      key.set(bytes.subarray(0, keySize));
      if (withValues) value.set(bytes.subarray(elements.value, elements.value + bufferSize));
    }
    more = step(core, elements.nextKey());
    if (found) {
      patience = giveUpAfter(maxEntries);
      metInThisPass++;
      yield chunk;
      core.assertOpen();
    }
    if (!more && metInThisPass > 0 && RESIZING.has(type)) {
      metInThisPass = 0;
      more = step(core, elements.firstKey());
    }
  }
}

/** Steps over known keys before a walk is thought to go in circles: many restarts of the whole map. */
function giveUpAfter(maxEntries: number): number {
  return 64 * maxEntries + 1024;
}

function aborted(core: MapCore): BpfError {
  return new BpfError(
    `Cannot iterate over ${describe(core.facts)}: entries are deleted faster than they are read`,
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
