import type { MapType } from '../abi/index.ts';
import { type Fd, pinObject } from '../sys/index.ts';
import type { MapCore } from './core.ts';
import { describe } from './facts.ts';
import { type MapInfo, publicInfo, readInfo } from './info.ts';

/** What every map has, whatever it holds: a descriptor, properties, a life. */
export abstract class MapObject {
  protected readonly core: MapCore;

  protected constructor(core: MapCore) {
    this.core = core;
  }

  /** The owner of the descriptor. */
  get fd(): Fd {
    return this.core.fd;
  }

  /** The kernel's name of the type; its number as text where this library does not know it. */
  get type(): MapType | (string & {}) {
    return this.core.facts.type;
  }

  /** The name it was given, or the kernel's, 15 characters at most, for one that was opened; may be empty. */
  get name(): string {
    return this.core.facts.name;
  }

  /** How many entries fit. */
  get maxEntries(): number {
    return this.core.facts.maxEntries;
  }

  /** Bytes of a key. */
  get keySize(): number {
    return this.core.facts.keySize;
  }

  /** Bytes of a value; of per-CPU maps, of one CPU's value. */
  get valueSize(): number {
    return this.core.facts.valueSize;
  }

  get closed(): boolean {
    return this.core.fd.closed;
  }

  /** Asks the kernel about the map. @throws BpfError, ClosedError */
  info(): MapInfo {
    this.core.assertOpen();
    return publicInfo(readInfo(this.fd, describe(this.core.facts)));
  }

  /**
   * Forbids all further writing from user space, by anybody and for good; BPF programs can still write.
   * The verifier then knows the values of maps made with the flag `rdonly_prog`.
   *
   * @throws BpfError `EBUSY` while the map is mapped writable; `EPERM`, or `EBUSY` on older kernels, when it is frozen
   */
  freeze(): void {
    this.core.freeze();
  }

  /**
   * Gives the map a name in a bpffs, which keeps it alive when all descriptors are closed.
   *
   * @throws BpfError `EEXIST` when the name is taken, `EPERM` when the path is not in a bpffs
   */
  pin(path: string): void {
    this.core.assertOpen();
    pinObject(this.fd, path);
  }

  /** Closes the descriptor. May be called any number of times. */
  close(): void {
    this.core.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
