import { checkFunction } from '../../errors/index.ts';
import { BaseMap } from '../base-map.ts';
import { countOf, entriesOf, keysOf, valuesOf } from '../entries/all.ts';
import { bulkRead, type RawResult, type RawTarget } from '../entries/bulk.ts';
import type { EntryAccess } from '../entries/entry-access.ts';
import type { ReadOptions } from '../entries/entry-options.ts';
import { clear, deleteMany, takeAll } from '../entries/many.ts';
import { accessOf, type MapHandle } from '../handle.ts';

/** The call stacks that programs store with `get_stackid`. Only programs write them. */
export class StackTraceMap<K, V> extends BaseMap<'stack_trace'> {
  readonly #entries: EntryAccess<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#entries = accessOf(handle);
  }

  /**
   * The stack with this id, or `undefined` when there is none.
   *
   * @throws TypeError, RangeError when the id does not fit its codec
   * @throws BpfError, ClosedError
   */
  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Whether there is a stack with this id. @throws like {@link get} */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Deletes a stack. Returns whether there was one. @throws like {@link get} */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  /**
   * Deletes a stack and returns it, in one step. Returns `undefined` when there is none. Linux >= 6.18
   *
   * @throws BpfError `ENOTSUPP` on older kernels; like {@link get}
   */
  take(key: K, options?: ReadOptions): V | undefined {
    return this.#entries.take(key, options);
  }

  /** All stacks with their ids, in the kernel's order. @throws BpfError, ClosedError when stepping */
  entries(): Generator<[K, V], void, undefined> {
    return entriesOf(this.#entries);
  }

  /** The ids of all stacks; see {@link entries}. */
  keys(): Generator<K, void, undefined> {
    return keysOf(this.#entries);
  }

  /** All stacks; see {@link entries}. */
  values(): Generator<V, void, undefined> {
    return valuesOf(this.#entries);
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries();
  }

  /** Calls `visit` for all stacks; see {@link entries}. */
  forEach(visit: (value: V, key: K, map: this) => void): void {
    checkFunction('map.forEach: visit', visit);
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** Counts the stacks, by reading all ids. */
  count(): number {
    return countOf(this.#entries);
  }

  /** Deletes all stacks. */
  clear(): void {
    clear(this.#entries.core);
  }

  /** Deletes many stacks. Returns how many of them were there. */
  deleteMany(keys: Iterable<K>): number {
    return deleteMany(this.#entries.core, this.#entries.key, keys);
  }

  /** Deletes all stacks and returns them. */
  takeAll(): [K, V][] {
    const { core, key, value } = this.#entries;
    return takeAll(core, key, value);
  }

  /** Reads ids and stacks as plain bytes into your memory. @throws RangeError for memory of a wrong size */
  readInto(target: RawTarget): RawResult {
    return bulkRead(this.#entries.core, 'map_lookup_batch', target);
  }

  /** Like {@link readInto}, but also deletes the stacks that were read. */
  takeInto(target: RawTarget): RawResult {
    return bulkRead(this.#entries.core, 'map_lookup_and_delete_batch', target);
  }
}
