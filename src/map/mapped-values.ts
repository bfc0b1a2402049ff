import { mapCreateFlags } from '../abi/index.ts';
import {
  type Codec,
  checkTypedArrayClass,
  type TypedArray,
  type TypedArrayClass,
} from '../bytes/codec/index.ts';
import { BpfError, ClosedError, checkBoolean, rejectUnknownOptions, wrongType } from '../errors/index.ts';
import { MemoryMap, NEEDS_FENCE, pageSize, readAnew, whyNotMappable } from '../sys/index.ts';
import { releaseArena, shareArena } from './arena-memory.ts';
import type { MapCore } from './core.ts';
import { describe, type MapFacts } from './facts.ts';
import { accessOf, type MapHandle } from './handle.ts';
import { strideOf } from './per-cpu.ts';

/** How a map's memory is mapped. */
export interface MmapOptions {
  /**
   * Default: true. Use false for frozen maps and maps with the flag `rdonly_prog`. A write to a read-only mapping ends
   * the process, because JavaScript cannot prevent it.
   */
  readonly writable?: boolean | undefined;
}

function mapMemory(core: MapCore, length: number, writable: boolean, address?: number): MemoryMap {
  const { facts } = core;
  try {
    return MemoryMap.map(core.fd, describe(facts), { length, writable, address });
  } catch (error) {
    if (!BpfError.is(error) || error.errno === undefined) throw error;
    const { code, errno, syscall } = error;
    throw new BpfError(`${error.message}: ${whyNot(core, code, writable, address)}`, {
      code,
      errno,
      syscall,
      cause: error,
    });
  }
}

/** An arena can only be mapped writable. */
const readOnly = ({ type }: MapFacts): string => (type === 'arena' ? '' : ': map it with writable: false');

/** @param address - where the arena should have been mapped; 0 if that is not known */
function whyNot({ facts, fd }: MapCore, code: string, writable: boolean, address = 0): string {
  if (facts.type !== 'array' && facts.type !== 'arena') return `maps of type ${facts.type} cannot be mapped`;
  if ((facts.flags & mapCreateFlags.mmapable) === 0) return 'the map was made without the flag mmapable';
  const rights = whyNotMappable(fd);
  if (rights !== undefined) return rights;
  if (facts.type === 'arena' && ['EBUSY', 'EEXIST', 'EINVAL'].includes(code)) {
    return address === 0
      ? 'an arena has only one address: another mapping of it chose that address, and the kernel does not say which: ' +
          'create the arena with an address (map_extra)'
      : `an arena has only one address, and something else is at 0x${address.toString(16)} in this process, such as another mapping of it`;
  }
  if (writable && code === 'EPERM') return `the map is frozen${readOnly(facts)}`;
  if (writable && code === 'EACCES' && (facts.flags & mapCreateFlags.rdonly_prog) !== 0) {
    return `the map was made with the flag rdonly_prog${readOnly(facts)}`;
  }
  return 'the kernel does not map it';
}

/** What to do before an access: nothing, {@link readAnew}, or throw. One number, because every access checks it. */
const FREE = 0;
const FENCED = 1;
const CLOSED = 2;

/**
 * The values of an `array` with the flag `mmapable`, or the memory of an `arena`, mapped into this process. Reads and
 * writes are plain memory accesses. They are not ordered with the accesses of BPF programs, and a value that is wider
 * than a machine word can be read half written.
 *
 * Close it, or use `using`. Views taken from it then have length 0. An arena is mapped only once: its views stay valid
 * until all objects that `mmap()` returned are closed. The kernel adds a page of an arena when it is first accessed.
 * With the flag `segv_on_fault`, only BPF programs add pages, and an access to a missing page ends the process.
 */
export class MappedValues<V> {
  /** How many values there are. */
  readonly length: number;
  /** Bytes from one value to the next: the value's size rounded up to 8. */
  readonly stride: number;
  readonly #memory: MemoryMap;
  /** Set for an arena, whose memory may have other users. */
  readonly #arena: MapCore | undefined;
  #state: typeof FREE | typeof FENCED | typeof CLOSED = NEEDS_FENCE ? FENCED : FREE;
  readonly #codec: Codec<V>;
  readonly #view: DataView;
  /** The same memory as a typed array, if the codec has one for its values, and the step between two values in it. */
  readonly #elements: TypedArray | undefined;
  readonly #step: number = 1;
  readonly #writable: boolean;

  /** Not for you to call: use {@link ArrayMap.mmap} or {@link ArenaMap.mmap}. */
  constructor(handle: MapHandle<unknown, V>, options: MmapOptions) {
    const { core, value: codec } = accessOf(handle);
    rejectUnknownOptions('mmap', options, ['writable']);
    const { writable = true } = options;
    checkBoolean('mmap: writable', writable);
    const { maxEntries, type, valueSize } = core.facts;
    this.length = maxEntries;
    this.#arena = type === 'arena' ? core : undefined;
    this.stride = type === 'arena' ? pageSize() : strideOf(valueSize);
    this.#codec = codec;
    core.assertOpen();
    this.#writable = writable;
    const bytes = this.length * this.stride;
    this.#memory =
      type === 'arena'
        ? shareArena(core, (address) => mapMemory(core, bytes, true, address))
        : mapMemory(core, bytes, writable);
    this.#view = new DataView(this.#memory.buffer);
    if (codec.elements === undefined) return;
    this.#elements = this.as(codec.elements);
    this.#step = this.stride / codec.elements.BYTES_PER_ELEMENT;
  }

  /**
   * All of the memory. If it is mapped with `writable: false`, do not write to it: a write ends the process with
   * SIGSEGV.
   *
   * @throws ClosedError
   */
  get buffer(): ArrayBuffer {
    this.#assertOpen();
    return this.#memory.buffer;
  }

  get closed(): boolean {
    return this.#state === CLOSED;
  }

  /**
   * All of the memory as a typed array, the fastest way to read numbers. Values narrower than {@link stride} have
   * gaps between them: value i is at index `i * stride / BYTES_PER_ELEMENT`.
   *
   * A loop that only waits for an element to change may read it just once, because Bun's compiler moves the read out of
   * the loop. Use {@link get} in such a loop. If the memory is mapped with `writable: false`, do not write elements,
   * and do not read them with `Atomics`, which writes in some runtimes: a write ends the process with SIGSEGV, where
   * {@link set} throws.
   *
   * @throws TypeError for what is not the class of a typed array; ClosedError
   */
  as<A extends TypedArray>(type: TypedArrayClass<A>): A {
    checkTypedArrayClass('as: type', type);
    return new type(this.buffer, 0, Math.floor((this.length * this.stride) / type.BYTES_PER_ELEMENT));
  }

  /** Reads the current state of one value through the codec. @throws TypeError, RangeError, ClosedError */
  get(index: number): V {
    this.#check(index);
    const elements = this.#elements;
    if (elements !== undefined) return elements[index * this.#step] as V;
    return this.#codec.decode(this.#view, index * this.stride);
  }

  /**
   * Writes one value through the codec.
   *
   * @throws TypeError when the memory is mapped read-only, or the value does not fit the codec
   * @throws RangeError, ClosedError
   */
  set(index: number, value: V): void {
    this.#check(index);
    if (!this.#writable) throw new TypeError(`${this.#memory.what} is mapped read-only`);
    this.#codec.encode(this.#view, index * this.stride, value);
  }

  close(): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    if (this.#arena === undefined) this.#memory.close();
    else releaseArena(this.#arena);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(index: number): void {
    this.#assertOpen();
    if (!(index >= 0 && index < this.length && Number.isInteger(index))) {
      if (typeof index !== 'number') throw wrongType('index', 'a number', index);
      throw new RangeError(`index ${index} is not a whole number from 0 to ${this.length - 1}`);
    }
  }

  #assertOpen(): void {
    if (this.#state === FREE) return;
    if (this.#state === FENCED) readAnew();
    else throw new ClosedError(`the mapped memory of ${this.#memory.what}`);
  }
}
