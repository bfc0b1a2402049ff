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

/** Entries as plain bytes: the keys one after the other, and their values. */
export interface RawChunk {
  readonly keys: DataView;
  readonly values: DataView;
  readonly count: number;
}

/**
 * Steps through all entries, in the kernel's order. An entry that stays in the map for the whole iteration comes
 * exactly once, whatever is inserted or deleted meanwhile. An entry that is inserted or deleted meanwhile may come or
 * not. If the type allows it, entries are read in batches, with one system call for each, so an entry may come that has
 * just been deleted.
 *
 * The memory of a chunk is valid until the next step.
 *
 * @param withValues - if false, values may be left out
 */
export function* rawChunks(core: MapCore, withValues: boolean): Generator<RawChunk, void, undefined> {
  if (BATCH_SAFE.has(core.facts.type)) {
    const supported = yield* batched(core);
    if (supported) return;
  }
  yield* walk(core, withValues);
}

/** How many entries fit into a chunk. */
export function chunkEntries(core: MapCore): number {
  const { keySize, bufferSize, maxEntries } = core.facts;
  const fitting = Math.floor(CHUNK_BYTES / Math.max(keySize + bufferSize, 1));
  return Math.max(1, Math.min(fitting, CHUNK_ENTRIES, maxEntries));
}

/** Reads in batches. Returns false, before any chunk, if the kernel has no batches for this map. */
function* batched(core: MapCore): Generator<RawChunk, boolean, undefined> {
  const reader = new BatchReader(core, 'map_lookup_batch');
  const { keySize, bufferSize } = core.facts;
  const most = chunkEntries(core);
  // Begins with a small chunk, because many iterations end early.
  let capacity = Math.min(most, FIRST_CHUNK_ENTRIES);
  // Codecs see the views in the chunk, not these.
  let keys = new Uint8Array(capacity * keySize);
  let values = new Uint8Array(capacity * bufferSize);
  while (!reader.done) {
    const count = reader.read(keys, values, capacity);
    if (count === UNSUPPORTED) return false;
    if (count > 0) yield { keys: new DataView(keys.buffer), values: new DataView(values.buffer), count };
    // No entry before the end means that one hash bucket holds more than fits.
    if (count === 0 || capacity < most) {
      capacity = count === 0 ? capacity * 2 : Math.min(capacity * 4, most);
      keys = new Uint8Array(capacity * keySize);
      values = new Uint8Array(capacity * bufferSize);
    }
  }
  return true;
}

/**
 * Walks from key to key. Each chunk is one entry. If the current key was deleted, the kernel starts again at the first
 * key; the walk then skips the keys that it has already met. It asks for the next key before it gives out an entry, so
 * that deleting the current entry, which is common in a loop, does not lead back to the start.
 *
 * If the entries of the type can move, the walk makes another pass until a whole pass finds no new entry.
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

/** How many known keys in a row end the walk: enough for many restarts over the whole map. */
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
