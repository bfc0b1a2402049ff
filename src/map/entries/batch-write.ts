import { ATTR_MAX_SIZE, encodeAttr, mapUpdateFlags, readAttr } from '../../abi/index.ts';
import { ERRNO } from '../../errors/index.ts';
import { addressOf, bindBpf } from '../../sys/index.ts';
import type { MapCore } from '../core.ts';
import { lacksBatches } from './batch-read.ts';
import { Elements } from './elements.ts';
import { transferred } from './transferred.ts';

const { ENOENT, EEXIST } = ERRNO;

/** Keys, or keys and values, one after the other. */
export interface RawEntries {
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  readonly count: number;
}

interface Outcome {
  /** The result of the call: 0, or the negated errno. */
  readonly result: number;
  /** How many entries the kernel has handled. */
  readonly count: number;
}

function batch(
  core: MapCore,
  command: 'map_update_batch' | 'map_delete_batch',
  entries: RawEntries,
  from: number,
): Outcome {
  const { keySize, bufferSize } = core.facts;
  // Why this is safe: this library made the views, and no foreign code runs between this check of their sizes and the
  // system call.
  const { keys, values, count } = entries;
  const updates = command === 'map_update_batch';
  if (keys.length < count * keySize || (updates && values.length < count * bufferSize))
    throw transferred(core);
  const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  const attr = {
    map_fd: core.number,
    keys: keys.subarray(from * keySize),
    count: count - from,
    elem_flags: 0,
    flags: 0,
    ...(updates ? { values: values.subarray(from * bufferSize) } : {}),
  };
  const size = encodeAttr(command, attr, view, addressOf);
  const result = bindBpf(command, view, size, attr)();
  return { result, count: readAttr(command, 'count', view) };
}

/**
 * Writes entries in the order given. What was written before an error stays.
 *
 * @throws BpfError
 */
export function updateBatch(core: MapCore, entries: RawEntries): void {
  if (entries.count === 0) return;
  const { result } = batch(core, 'map_update_batch', entries, 0);
  if (result >= 0) return;
  if (!lacksBatches(-result)) throw core.error('write entries to', 'map_update_batch', -result);
  // Either there are no batches, or an entry is invalid. Writing one by one works, or fails at that entry.
  updateEach(core, entries, mapUpdateFlags.any);
}

/**
 * Writes entries back that were just taken out of the map. Entries that were written under their keys meanwhile stay.
 *
 * @throws BpfError
 */
export function putBack(core: MapCore, entries: RawEntries): void {
  updateEach(core, entries, mapUpdateFlags.noexist);
}

function updateEach(core: MapCore, entries: RawEntries, flags: number): void {
  const elements = new Elements(core);
  const { keySize, bufferSize } = core.facts;
  const memory = new Uint8Array(elements.view.buffer);
  for (let i = 0; i < entries.count; i++) {
    memory.set(entries.keys.subarray(i * keySize, (i + 1) * keySize), elements.key);
    memory.set(entries.values.subarray(i * bufferSize, (i + 1) * bufferSize), elements.value);
    const result = elements.update(flags);
    if (result >= 0 || (result === -EEXIST && flags === mapUpdateFlags.noexist)) continue;
    throw core.error('write entries to', 'map_update_elem', -result);
  }
}

/**
 * Deletes entries. Skips keys that are not there.
 *
 * @returns how many were there
 * @throws BpfError
 */
export function deleteBatch(core: MapCore, entries: RawEntries): number {
  let deleted = 0;
  for (let at = 0; at < entries.count; ) {
    const { result, count } = batch(core, 'map_delete_batch', entries, at);
    if (result >= 0) return deleted + entries.count - at;
    if (lacksBatches(-result)) return deleted + deleteEach(core, entries, at);
    if (result !== -ENOENT) throw core.error('delete entries of', 'map_delete_batch', -result);
    deleted += count;
    at += count + 1;
  }
  return deleted;
}

function deleteEach(core: MapCore, entries: RawEntries, from: number): number {
  const elements = new Elements(core);
  const { keySize } = core.facts;
  const memory = new Uint8Array(elements.view.buffer);
  let deleted = 0;
  for (let i = from; i < entries.count; i++) {
    memory.set(entries.keys.subarray(i * keySize, (i + 1) * keySize), elements.key);
    const result = elements.delete();
    if (result < 0 && result !== -ENOENT) throw core.error('delete entries of', 'map_delete_elem', -result);
    if (result >= 0) deleted++;
  }
  return deleted;
}
