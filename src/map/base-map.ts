import type { Fd } from '../sys/index.ts';
import type { MapCore } from './core.ts';
import { accessOf, type MapHandle } from './handle.ts';
import type { MapInfo } from './info.ts';

/** What a map was made from. */
export let handleIn: (map: BaseMap) => MapHandle;

/**
 * What every map has, whatever it holds: a descriptor, properties, a life. Maps of a type that this library does not
 * know have nothing more.
 */
export class BaseMap<T extends string = string> {
  readonly #core: MapCore;
  readonly #handle: MapHandle;

  static {
    handleIn = (map) => map.#handle;
  }

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle) {
    this.#core = accessOf(handle).core;
    this.#handle = handle;
  }

  /** The owner of the descriptor. */
  get fd(): Fd {
    return this.#core.fd;
  }

  /** The kernel's name of the type; its number as text where this library does not know it. */
  get type(): T {
    return this.#core.facts.type as T;
  }

  /** The name it was given, or the kernel's, 15 characters at most, for one that was opened; may be empty. */
  get name(): string {
    return this.#core.facts.name;
  }

  /** How many entries fit. */
  get maxEntries(): number {
    return this.#core.facts.maxEntries;
  }

  /** Bytes of a key. */
  get keySize(): number {
    return this.#core.facts.keySize;
  }

  /** Bytes of a value; for per-CPU maps, of the value of one CPU. */
  get valueSize(): number {
    return this.#core.facts.valueSize;
  }

  get closed(): boolean {
    return this.#core.fd.closed;
  }

  /** Asks the kernel about the map. @throws BpfError, ClosedError */
  info(): MapInfo {
    return this.#core.info();
  }

  /**
   * Forbids all further writing from user space, by anybody and for good; BPF programs can still write.
   * The verifier then knows the values of maps made with the flag `rdonly_prog`.
   *
   * @throws BpfError `EBUSY` while the map is mapped writable; `EPERM`, or `EBUSY` on older kernels, when it is frozen
   */
  freeze(): void {
    this.#core.freeze();
  }

  /**
   * Gives the map a name in a bpffs, which keeps it alive when all descriptors are closed.
   *
   * @throws BpfError `EEXIST` when the name is taken, `EPERM` when the path is not in a bpffs; ClosedError
   */
  pin(path: string): void {
    this.#core.pin(path);
  }

  /**
   * Removes a pin of this map. The map itself stays open.
   *
   * @throws BpfError `ENOENT` when nothing is pinned there, `ERR_BPF_WRONG_OBJECT` when something else is: that stays
   * @throws BpfError `EPERM` or `EACCES` without the right to it; ClosedError
   */
  unpin(path: string): void {
    this.#core.unpin(path);
  }

  /** Closes the descriptor. May be called any number of times. */
  close(): void {
    this.#core.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
