import { mapUpdateFlags } from '../../abi/index.ts';
import { type Codec, nameRoot } from '../../bytes/codec/index.ts';
import { ERRNO } from '../../errors/index.ts';
import type { MapCore } from '../core.ts';
import { describe } from '../facts.ts';
import { Elements } from './elements.ts';
import { flagsOf, type ReadOptions, type WriteOptions } from './entry-options.ts';

const { ENOENT, EEXIST } = ERRNO;

/**
 * Reads and writes the entries of a map one at a time, through its codecs. The class of each family offers the methods
 * that the kernel supports for its types, and uses this class for them.
 */
export class EntryAccess<K, V> {
  readonly core: MapCore;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
  #elements: Elements | undefined;

  constructor(core: MapCore, key: Codec<K>, value: Codec<V>) {
    this.core = core;
    this.key = key;
    this.value = value;
  }

  get(key: K, options?: ReadOptions): V | undefined {
    const flags = options === undefined ? 0 : flagsOf('map.get', options, false);
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.lookup(flags);
      if (result >= 0) return this.value.decode(elements.view, elements.value);
      if (result === -ENOENT) return undefined;
      throw this.core.error('look up an entry of', 'map_lookup_elem', -result, flags);
    } finally {
      elements.busy = false;
    }
  }

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

  set(key: K, value: V, options?: WriteOptions): boolean {
    const flags = options === undefined ? 0 : flagsOf('map.set', options, true);
    const elements = this.#enter();
    try {
      this.#encodeValue(elements, value);
      this.#encodeKey(elements, key);
      const result = elements.update(flags);
      if (result >= 0) return true;
      if (result === -EEXIST && (flags & mapUpdateFlags.noexist) !== 0) return false;
      if (result === -ENOENT && (flags & mapUpdateFlags.exist) !== 0) return false;
      throw this.core.error('update an entry of', 'map_update_elem', -result, flags);
    } finally {
      elements.busy = false;
    }
  }

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

  take(key: K, options?: ReadOptions): V | undefined {
    const flags = options === undefined ? 0 : flagsOf('map.take', options, false);
    const elements = this.#enter();
    try {
      this.#encodeKey(elements, key);
      const result = elements.take(flags);
      if (result >= 0) return this.value.decode(elements.view, elements.value);
      if (result === -ENOENT) return undefined;
      throw this.core.error('take an entry out of', 'map_lookup_and_delete_elem', -result, flags);
    } finally {
      elements.busy = false;
    }
  }

  /** For maps without keys: makes a call that takes a value. Returns its result, or the negated errno. */
  offer(call: 'update' | 'lookup', flags: number, value: V): number {
    const elements = this.#enter();
    try {
      this.#encodeValue(elements, value);
      this.core.assertOpen();
      return elements[call](flags);
    } finally {
      elements.busy = false;
    }
  }

  /** For maps without keys: makes a call that returns a value. Returns `undefined` when there is none. */
  fetch(action: string, call: 'lookup' | 'take'): V | undefined {
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

  /**
   * Returns the buffer to use. Codecs are foreign code: if one uses this map while the buffer is in use, it gets
   * another buffer.
   */
  #enter(): Elements {
    let elements = this.#elements;
    if (elements === undefined) {
      elements = new Elements(this.core);
      this.#elements = elements;
    } else if (elements.busy) {
      elements = new Elements(this.core);
    } else if (elements.lost) {
      // The first use after the loss throws. Later uses get new memory.
      if (!elements.said) throw elements.sayLost();
      elements = new Elements(this.core);
      this.#elements = elements;
    }
    elements.busy = true;
    return elements;
  }

  /** Encodes the key, then checks that the map is open, because the codec may have closed it. */
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
}
