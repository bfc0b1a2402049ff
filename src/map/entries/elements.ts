import {
  ATTR_MAX_SIZE,
  type Command,
  type CommandAttrs,
  encodeAttr,
  type MapElemAttr,
} from '../../abi/index.ts';
import { addressOf, bindBpf } from '../../sys/index.ts';
import type { MapCore } from '../core.ts';
import { transferred } from './transferred.ts';

type ElementCommand = Command & keyof CommandAttrs;
type Call = () => number;

/** The alignment of the parts of the buffer, for typed arrays and 64-bit accesses. */
const ALIGN = 8;

function aligned(size: number): number {
  return Math.ceil(size / ALIGN) * ALIGN;
}

/**
 * Memory for one key, the next key and one value, and the calls that use it. Each call is prepared once, and then costs
 * one native call without arguments. Results are those of bpf(2), or the negated errno.
 *
 * Encoding and decoding run foreign code, which may use the same map again. `busy` says that this is the case: then the
 * inner use takes another `Elements`.
 *
 * Why this is safe: the calls keep the memory alive, and its address and size do not change unless it is transferred.
 * Codecs see the memory. They, or code that got a view from them, can transfer it. So each call checks first, through a
 * view that only this class has, and no JavaScript runs between the check and the system call. Each method makes its
 * own call: V8 makes a call 40 ns faster from a place that always calls the same function.
 */
export class Elements {
  busy: boolean = false;
  /** Whether an error has reported that the memory is lost. */
  said: boolean = false;
  readonly view: DataView;
  /** Where the key is in `view`: at the start. */
  readonly key: 0 = 0;
  readonly next: number;
  readonly value: number;
  readonly #core: MapCore;
  /** All of the memory. Foreign code never gets this view. */
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #lookup: Call[] = [];
  readonly #update: Call[] = [];
  readonly #take: Call[] = [];
  #delete: Call | undefined;
  #first: Call | undefined;
  #following: Call | undefined;

  constructor(core: MapCore) {
    const { keySize, bufferSize } = core.facts;
    this.#core = core;
    this.next = aligned(keySize);
    this.value = this.next * 2;
    this.#memory = new Uint8Array(Math.max(this.value + aligned(bufferSize), ALIGN));
    this.view = new DataView(this.#memory.buffer);
  }

  /** Whether the memory was transferred. Then no more calls can be made. */
  get lost(): boolean {
    return this.#memory.length === 0;
  }

  /** Returns the error which says that the memory is lost. */
  sayLost(): TypeError {
    this.said = true;
    return transferred(this.#core);
  }

  /** Reads the value of the key. */
  lookup(flags: number): number {
    const call = this.#lookup[flags];
    if (call !== undefined) {
      if (this.lost) throw this.sayLost();
      return call();
    }
    this.#lookup[flags] = this.#bind('map_lookup_elem', { ...this.#value(), flags });
    return this.lookup(flags);
  }

  /** Writes the value under the key. */
  update(flags: number): number {
    const call = this.#update[flags];
    if (call !== undefined) {
      if (this.lost) throw this.sayLost();
      return call();
    }
    this.#update[flags] = this.#bind('map_update_elem', { ...this.#value(), flags });
    return this.update(flags);
  }

  /** Reads the value of the key and deletes the entry. */
  take(flags: number): number {
    const call = this.#take[flags];
    if (call !== undefined) {
      if (this.lost) throw this.sayLost();
      return call();
    }
    this.#take[flags] = this.#bind('map_lookup_and_delete_elem', { ...this.#value(), flags });
    return this.take(flags);
  }

  /** Deletes the entry of the key. The kernel demands that the address of the value is zero here. */
  delete(): number {
    this.#delete ??= this.#bind('map_delete_elem', this.#key());
    if (this.lost) throw this.sayLost();
    return this.#delete();
  }

  /** Puts the map's first key into `next`. */
  firstKey(): number {
    this.#first ??= this.#bind('map_get_next_key', { next_key: this.#at(this.next) });
    if (this.lost) throw this.sayLost();
    return this.#first();
  }

  /** Puts the key that follows `key` into `next`. */
  nextKey(): number {
    this.#following ??= this.#bind('map_get_next_key', { ...this.#key(), next_key: this.#at(this.next) });
    if (this.lost) throw this.sayLost();
    return this.#following();
  }

  #at(offset: number): Uint8Array {
    if (this.lost) throw this.sayLost();
    return this.#memory.subarray(offset);
  }

  /** For maps without keys, the address of the key must not be set. */
  #key(): MapElemAttr {
    return this.#core.facts.keySize === 0 ? {} : { key: this.#at(this.key) };
  }

  #value(): MapElemAttr {
    return this.#core.facts.bufferSize === 0 ? this.#key() : { ...this.#key(), value: this.#at(this.value) };
  }

  #bind(command: ElementCommand, attr: MapElemAttr): Call {
    const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
    const size = encodeAttr(command, { map_fd: this.#core.number, flags: 0, ...attr }, view, addressOf);
    return bindBpf(command, view, size, this.#memory);
  }
}
