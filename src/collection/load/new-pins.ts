import { removePinFolder, unpinObject } from '../../sys/index.ts';
import type { Owned } from './owned.ts';

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

/** The pins of one load. */
export class Pins {
  readonly #pins: NewPin[] = [];
  /** Paths that maps are pinned at by name, also those that others pinned. */
  readonly paths: Set<string> = new Set();

  /** Keeps a path that something was just pinned at; it goes with `owned` unless {@link keep} comes first. */
  add(path: string, owned: Owned): void {
    this.#pins.push(owned.add(new NewPin(path, unpinObject)));
  }

  /** The same for a folder that was just made. */
  addFolder(path: string, owned: Owned): void {
    this.#pins.push(owned.add(new NewPin(path, removePinFolder)));
  }

  /** The load succeeded: the pins stay. */
  keep(): void {
    for (const pin of this.#pins) pin.keep();
  }
}
