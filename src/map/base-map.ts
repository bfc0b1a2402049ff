import type { Fd } from '../sys/index.ts';
import type { MapCore } from './core.ts';
import { accessOf, type MapHandle } from './handle.ts';
import type { MapInfo } from './info.ts';

/** Gives the handle that a map was made from. */
export let handleIn: (map: BaseMap) => MapHandle;

/**
 * The base of all maps: the descriptor, the properties, pinning and closing. A map of a type that this library does not
 * know has only this.
 */
export class BaseMap<T extends string = string> {
  readonly #core: MapCore;
  readonly #handle: MapHandle;

  static {
    handleIn = (map) => map.#handle;
  }

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle) {
    this.#core = accessOf(handle).core;
    this.#handle = handle;
  }

  /** The object that owns the descriptor. */
  get fd(): Fd {
    return this.#core.fd;
  }

  /** The kernel's name of the type, or the type's number as text if this library does not know it. */
  get type(): T {
    return this.#core.facts.type as T;
  }

  /** The name that the map was created with. For an opened map: the kernel's, at most 15 characters. May be empty. */
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

  /** Bytes of a value. For per-CPU maps: bytes of the value of one CPU. */
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
   * Forbids all further writes from user space, for every process and for good. BPF programs can still write.
   * The verifier then knows the values of maps that were created with the flag `rdonly_prog`.
   *
   * @throws BpfError `EBUSY` while the map is mapped writable; `EPERM`, or `EBUSY` on older kernels, if it is frozen
   *   already
   */
  freeze(): void {
    this.#core.freeze();
  }

  /**
   * Pins the map in a bpffs. The pin keeps the map alive when all descriptors are closed.
   *
   * @throws BpfError `EEXIST` when the name is taken, `EPERM` when the path is not in a bpffs; ClosedError
   */
  pin(path: string): void {
    this.#core.pin(path);
  }

  /**
   * Removes a pin of this map. The map itself stays open.
   *
   * @throws BpfError `ENOENT` when nothing is pinned there; `ERR_BPF_WRONG_OBJECT` when another object is pinned there,
   *   which stays
   * @throws BpfError `EPERM` or `EACCES` without the right to remove the file; ClosedError
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
