import type { Command } from '../abi/index.ts';
import { type BpfError, ClosedError, type Explain } from '../errors/index.ts';
import { type Fd, mapFreeze, mapInfo, pinObject, systemError, unpinObject } from '../sys/index.ts';
import { describe, type MapFacts } from './facts.ts';
import { hintFor } from './hints.ts';
import { type MapInfo, publicInfo } from './info.ts';

/** The part of a map that all families share: its descriptor, its facts, its errors. */
export class MapCore {
  readonly fd: Fd;
  readonly facts: MapFacts;
  /** Set by {@link freeze}. That another process froze the map shows only when the kernel refuses. */
  frozen: boolean = false;

  constructor(fd: Fd, facts: MapFacts) {
    this.fd = fd;
    this.facts = facts;
  }

  /** The descriptor's number. @throws ClosedError naming the map */
  get number(): number {
    this.assertOpen();
    return this.fd.value;
  }

  /** @throws ClosedError naming the map */
  assertOpen(): void {
    if (this.fd.closed) throw new ClosedError(describe(this.facts));
  }

  /** The error of a failed command; `action` completes "Cannot ... map ...", such as `update an entry of`. */
  error(action: string, command: Command, errno: number, flags: number = 0): BpfError {
    const explain: Explain = ({ code }) => this.#hint(command, code, flags);
    return systemError(`${action} ${describe(this.facts)}`, 'bpf', errno, command, explain);
  }

  #hint(command: Command, code: string, flags = 0): string {
    return hintFor({ ...this.facts, frozen: this.frozen }, command, code, flags);
  }

  /** Asks the kernel about the map. @throws BpfError, ClosedError */
  info(): MapInfo {
    this.assertOpen();
    return publicInfo(mapInfo(this.fd, describe(this.facts)));
  }

  freeze(): void {
    this.assertOpen();
    mapFreeze(this.fd, describe(this.facts), ({ code }) => this.#hint('map_freeze', code));
    this.frozen = true;
  }

  pin(path: string): void {
    this.assertOpen();
    pinObject(this.fd, path);
  }

  /** Removes a pin, if it is a pin of this map. */
  unpin(path: string): void {
    this.assertOpen();
    unpinObject(this.fd, path);
  }
}
