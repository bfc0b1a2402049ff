import { removePin, removePinFolder } from '../../sys/index.ts';
import type { TokenOption } from '../../token/commands.ts';
import { ModuleHandles } from '../externs/kernel-types.ts';

/** Something to be closed. */
export interface Closable {
  close(): void;
}

/** A pin, or a folder for pins, that is removed unless the load succeeds. */
class NewPin {
  readonly #path: string;
  readonly #remove: (path: string) => void;
  #kept = false;

  constructor(path: string, remove: (path: string) => void) {
    this.#path = path;
    this.#remove = remove;
  }

  keep(): void {
    this.#kept = true;
  }

  close(): void {
    if (!this.#kept) this.#remove(this.#path);
  }
}

/**
 * What a load has opened and pinned, in this order. If the load fails, all of it is closed and the pins are removed.
 * If it succeeds, the collection closes it.
 */
export class Opened {
  readonly #things: Closable[] = [];
  readonly #newPins: NewPin[] = [];
  /** Paths at which maps of this load are pinned by name, including those that other loads pinned. */
  readonly pinned: Set<string> = new Set();
  /** The BTF of kernel modules, which only the load itself needs. */
  readonly modules: ModuleHandles;

  constructor(token: TokenOption | undefined) {
    this.modules = new ModuleHandles(token);
  }

  add<T extends Closable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** Adds a path that something was just pinned at. */
  addPin(path: string): void {
    this.#newPins.push(this.add(new NewPin(path, removePin)));
  }

  /** Adds a folder for pins that was just made. */
  addPinFolder(path: string): void {
    this.#newPins.push(this.add(new NewPin(path, removePinFolder)));
  }

  /** The load succeeded: its pins stay. */
  keepPins(): void {
    for (const pin of this.#newPins) pin.keep();
  }

  /** Closes all except the modules, the last first. May be called any number of times. */
  close(): void {
    for (let thing = this.#things.pop(); thing !== undefined; thing = this.#things.pop()) thing.close();
  }
}
