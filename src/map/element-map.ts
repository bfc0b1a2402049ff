import { mapUpdateFlags } from '../abi/index.ts';
import { type Codec, nameRoot } from '../bytes/codec/index.ts';
import type { MapCore } from './core.ts';
import { Elements } from './elements.ts';
import { describe } from './facts.ts';
import { MapObject } from './map-object.ts';

const ENOENT = 2;
const EEXIST = 17;

/** How an entry is read. */
export interface ReadOptions {
  /** Hold the lock (`struct bpf_spin_lock`) in the value meanwhile, so that no half-written value is read. */
  readonly lock?: boolean | undefined;
}

/** How an entry is written. */
export interface WriteOptions extends ReadOptions {
  /** `noexist` only inserts, `exist` only replaces. Default: `any`. */
  readonly mode?: 'any' | 'noexist' | 'exist' | undefined;
}

/** The update modes of the kernel by name. */
const MODES: Readonly<Record<string, number>> = Object.freeze({
  any: mapUpdateFlags.any,
  noexist: mapUpdateFlags.noexist,
  exist: mapUpdateFlags.exist,
});

function flagsOf(options: WriteOptions, modes: boolean): number {
  let flags = 0;
  for (const name in options) {
    const value: unknown = options[name as keyof WriteOptions];
    if (name === 'lock') flags |= value === true ? mapUpdateFlags.lock : 0;
    else if (name === 'mode' && modes && value === undefined) continue;
    else if (name === 'mode' && modes && Object.hasOwn(MODES, String(value)))
      flags |= MODES[String(value)] ?? 0;
    else if (name === 'mode' && modes)
      throw new TypeError(`mode must be any, noexist or exist, got ${String(value)}`);
    else throw new TypeError(`unknown option "${name}": there are ${modes ? 'mode and lock' : 'lock'}`);
  }
  return flags;
}

/** Maps whose entries are read and written one at a time. */
export abstract class ElementMap<K, V> extends MapObject {
  protected readonly key: Codec<K>;
  protected readonly value: Codec<V>;
  #elements: Elements | undefined;

  protected constructor(core: MapCore, key: Codec<K>, value: Codec<V>) {
    super(core);
    this.key = key;
    this.value = value;
  }

  /**
   * The value stored under `key`, or `undefined` when there is none. Maps without entries to miss, such as `array`,
   * have one for every index below `maxEntries`.
   *
   * @throws TypeError, RangeError when the key does not fit its codec
   * @throws BpfError, ClosedError
   */
  get(key: K, options?: ReadOptions): V | undefined {
    const flags = options === undefined ? 0 : flagsOf(options, false);
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.lookup(flags);
      if (result >= 0) return this.value.decode(elements.view, elements.value);
      if (result === -ENOENT) return undefined;
      throw this.core.error('look up an entry of', 'map_lookup_elem', -result);
    } finally {
      elements.busy = false;
    }
  }

  /** Whether there is an entry under `key`. @throws like {@link get} */
  has(key: K): boolean {
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.lookup(0);
      if (result >= 0) return true;
      if (result === -ENOENT) return false;
      throw this.core.error('look up an entry of', 'map_lookup_elem', -result);
    } finally {
      elements.busy = false;
    }
  }

  /**
   * Stores `value` under `key`.
   *
   * @returns true when it was stored; false only when `mode` did not allow it: the entry existed (`noexist`), or did
   *   not (`exist`)
   * @throws TypeError, RangeError when key or value do not fit their codecs
   * @throws BpfError such as `E2BIG` when the map is full, `EPERM` when it is frozen; ClosedError
   */
  set(key: K, value: V, options?: WriteOptions): boolean {
    const flags = options === undefined ? 0 : flagsOf(options, true);
    const elements = this.#enter();
    try {
      this.#encodeValue(elements, value);
      this.#encodeKey(elements, key);
      const result = elements.update(flags);
      if (result >= 0) return true;
      if (result === -EEXIST && (flags & mapUpdateFlags.noexist) !== 0) return false;
      if (result === -ENOENT && (flags & mapUpdateFlags.exist) !== 0) return false;
      throw this.core.error('update an entry of', 'map_update_elem', -result);
    } finally {
      elements.busy = false;
    }
  }

  /** Deletes the entry under `key`. Returns whether there was one. @throws like {@link get} */
  delete(key: K): boolean {
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.delete();
      if (result >= 0) return true;
      if (result === -ENOENT) return false;
      throw this.core.error('delete an entry of', 'map_delete_elem', -result);
    } finally {
      elements.busy = false;
    }
  }

  /**
   * Deletes the entry under `key` and returns its value, in one step that no other writer can come between;
   * `undefined` when there is none. Hash maps have it since Linux 5.14.
   *
   * @throws like {@link get}
   */
  take(key: K, options?: ReadOptions): V | undefined {
    const flags = options === undefined ? 0 : flagsOf(options, false);
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.take(flags);
      if (result >= 0) return this.value.decode(elements.view, elements.value);
      if (result === -ENOENT) return undefined;
      throw this.core.error('take an entry out of', 'map_lookup_and_delete_elem', -result);
    } finally {
      elements.busy = false;
    }
  }

  /**
   * The buffer to use. Codecs are foreign code: what they do with this map, while it is in use, gets another one.
   */
  #enter(): Elements {
    let elements = this.#elements;
    if (elements === undefined) {
      elements = new Elements(this.core);
      this.#elements = elements;
    } else if (elements.busy) {
      elements = new Elements(this.core);
    } else if (elements.lost) {
      // One error says so, and from then on there is other memory.
      if (!elements.said) throw elements.sayLost();
      elements = new Elements(this.core);
      this.#elements = elements;
    }
    elements.busy = true;
    return elements;
  }

  /** Encodes the key, and then makes sure that the map is open: foreign code may just have closed it. */
  #encodeKey(elements: Elements, key: K): void {
    try {
      this.key.encode(elements.view, elements.key, key);
    } catch (error) {
      throw nameRoot(error, `${describe(this.core.facts)}: key`);
    }
    this.core.assertOpen();
  }

  #encodeValue(elements: Elements, value: V): void {
    try {
      this.value.encode(elements.view, elements.value, value);
    } catch (error) {
      throw nameRoot(error, `${describe(this.core.facts)}: value`);
    }
  }

  /** For maps without keys: a call that takes a value. Its result, or the negated errno. */
  protected offer(call: 'update' | 'lookup', flags: number, value: V): number {
    const elements = this.#enter();
    try {
      this.#encodeValue(elements, value);
      this.core.assertOpen();
      return elements[call](flags);
    } finally {
      elements.busy = false;
    }
  }

  /** For maps without keys: a call that gives a value; `undefined` when there is none. */
  protected fetch(action: string, call: 'lookup' | 'take'): V | undefined {
    const elements = this.#enter();
    try {
      this.core.assertOpen();
      const result = elements[call](0);
      if (result >= 0) return this.value.decode(elements.view, elements.value);
      if (result === -ENOENT) return undefined;
      const command = call === 'take' ? 'map_lookup_and_delete_elem' : 'map_lookup_elem';
      throw this.core.error(action, command, -result);
    } finally {
      elements.busy = false;
    }
  }
}
