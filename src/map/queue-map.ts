import { mapUpdateFlags } from '../abi/index.ts';
import { wrongType } from '../errors/index.ts';
import { ElementMap } from './element-map.ts';

const ENOENT = 2;

/** What a full queue or stack does with another value. */
export interface PushOptions {
  /** Drop the oldest value. Default: refuse with `E2BIG`. */
  readonly overwrite?: boolean | undefined;
}

/** The operations of maps without keys: queues, stacks, bloom filters. Other maps refuse them. */
export abstract class QueueMap<K, V> extends ElementMap<K, V> {
  /**
   * Adds a value to a queue, stack or bloom filter.
   *
   * @throws BpfError `E2BIG` when a queue or stack is full
   */
  push(value: V, options: PushOptions = {}): void {
    if (typeof options !== 'object' || options === null)
      throw wrongType('push: options', 'an object', options);
    for (const name in options) {
      if (name !== 'overwrite') throw new TypeError(`unknown option "${name}": there is overwrite`);
    }
    this.#only('push', ['queue', 'stack', 'bloom_filter']);
    const flags = options.overwrite === true ? mapUpdateFlags.exist : mapUpdateFlags.any;
    const result = this.offer('update', flags, value);
    if (result < 0) throw this.core.error('push to', 'map_update_elem', -result);
  }

  /** Removes and returns the oldest value of a queue, the newest of a stack; `undefined` when there is none. */
  pop(): V | undefined {
    this.#only('pop', ['queue', 'stack']);
    return this.fetch('pop from', 'take');
  }

  /** Returns what {@link pop} would remove. */
  peek(): V | undefined {
    this.#only('peek', ['queue', 'stack']);
    return this.fetch('peek into', 'lookup');
  }

  /** Whether a bloom filter may hold `value`: false is certain, true is likely. */
  mayContain(value: V): boolean {
    this.#only('mayContain', ['bloom_filter']);
    const result = this.offer('lookup', 0, value);
    if (result >= 0) return true;
    if (result === -ENOENT) return false;
    throw this.core.error('look a value up in', 'map_lookup_elem', -result);
  }

  #only(method: string, types: readonly string[]): void {
    if (types.includes(this.type)) return;
    throw new TypeError(
      `${method}() is for maps of type ${types.join(' and ')}, this one is of type ${this.type}`,
    );
  }
}
