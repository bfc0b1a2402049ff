import { bytesOf } from '../../bytes/index.ts';
import { checkObject, ERRNO } from '../../errors/index.ts';
import type { MapCore } from '../core.ts';
import { BATCH_SAFE, INDEXED } from '../families.ts';
import { type BatchReadCommand, BatchReader, lacksBatches, UNSUPPORTED } from './batch-read.ts';
import { Elements } from './elements.ts';
import { walk } from './iterate.ts';

const { ENOENT } = ERRNO;

/** Memory for keys and for values, which lie one after the other in it: typed arrays or other views. */
export interface RawTarget {
  readonly keys: ArrayBufferView;
  /** For per-CPU maps: for each key the values of all possible CPUs, each at a multiple of 8 bytes. */
  readonly values: ArrayBufferView;
}

/** What a bulk read found. */
export interface RawResult {
  /** How many entries were read. */
  readonly count: number;
  /** Whether these were all entries. False when the memory was too small. */
  readonly complete: boolean;
}

/** The memory of a caller with its true size, and how many entries fit. */
export interface RawMemory {
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  readonly capacity: number;
}

/**
 * Checks the memory of a caller. Each property is read once, and sizes are the true ones, whatever the view's own
 * properties say. No foreign code runs from here until the kernel has used the memory.
 *
 * @throws TypeError, RangeError
 */
export function rawMemory(what: string, core: MapCore, target: RawTarget): RawMemory {
  checkObject(what, target);
  const { keySize, bufferSize } = core.facts;
  const views = { keys: target.keys, values: target.values };
  const sizes = { keys: keySize, values: bufferSize };
  const capacities: number[] = [];
  const part = (name: 'keys' | 'values'): Uint8Array => {
    if (!ArrayBuffer.isView(views[name]))
      throw new TypeError(`${what}: ${name} must be a typed array or a DataView`);
    const bytes = bytesOf(views[name]);
    const size = sizes[name];
    if (size === 0) return bytes;
    if (bytes.length % size !== 0) {
      throw new RangeError(`${what}: ${bytes.length} bytes of ${name} are not a multiple of ${size}`);
    }
    capacities.push(bytes.length / size);
    return bytes;
  };
  const [keys, values] = [part('keys'), part('values')];
  return { keys, values, capacity: Math.min(...capacities) };
}

/** Reads, or takes out, as many entries as fit: usually with one system call, if the kernel has batches for the map. */
export function bulkRead(core: MapCore, command: BatchReadCommand, target: RawTarget): RawResult {
  core.assertOpen();
  const { keys, values, capacity } = rawMemory('target', core, target);
  const { keySize, bufferSize, maxEntries, type } = core.facts;
  if (!BATCH_SAFE.has(type)) return oneByOne(core, command, keys, values, capacity);
  const reader = new BatchReader(core, command);
  let count = 0;
  while (!reader.done && count < capacity) {
    const keysLeft = keys.subarray(count * keySize);
    const read = reader.read(keysLeft, values.subarray(count * bufferSize), capacity - count);
    if (read === UNSUPPORTED) return oneByOne(core, command, keys, values, capacity);
    if (read === 0 && !reader.done) return { count, complete: false };
    count += read;
  }
  return { count, complete: reader.done || (INDEXED.has(type) && count >= maxEntries) };
}

/** Does the same entry by entry. */
function oneByOne(
  core: MapCore,
  command: BatchReadCommand,
  keys: Uint8Array,
  values: Uint8Array,
  capacity: number,
): RawResult {
  const { keySize, bufferSize } = core.facts;
  const take = command === 'map_lookup_and_delete_batch' ? taker(core) : undefined;
  let count = 0;
  for (const chunk of walk(core, take === undefined)) {
    if (count === capacity) return { count, complete: false };
    const key = new Uint8Array(chunk.keys.buffer);
    const value = take === undefined ? new Uint8Array(chunk.values.buffer) : take(key);
    if (value === undefined) continue;
    keys.set(key, count * keySize);
    values.set(value, count * bufferSize);
    count++;
  }
  return { count, complete: true };
}

/**
 * Returns a function that takes one entry out. For types such as tries, the kernel cannot do this in one step: a value
 * that is written between reading and deleting is lost.
 */
function taker(core: MapCore): (key: Uint8Array) => Uint8Array | undefined {
  const elements = new Elements(core);
  const memory = new Uint8Array(elements.view.buffer);
  const value = memory.subarray(elements.value, elements.value + core.facts.bufferSize);
  return (key) => {
    memory.set(key, elements.key);
    let result = elements.take(0);
    if (result < 0 && lacksBatches(-result)) {
      result = elements.lookup(0);
      if (result >= 0) result = elements.delete();
    }
    if (result >= 0) return value;
    if (result === -ENOENT) return undefined;
    throw core.error('take entries out of', 'map_lookup_and_delete_elem', -result);
  };
}
