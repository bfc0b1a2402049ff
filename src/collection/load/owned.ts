/** Something to be closed. */
export interface Closable {
  close(): void;
}

/** What a load has opened, in the order of opening: all of it is closed when the load fails, or by the collection. */
export class Owned {
  readonly #things: Closable[] = [];

  add<T extends Closable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** Closes all, the last first. May be called any number of times. */
  close(): void {
    for (let thing = this.#things.pop(); thing !== undefined; thing = this.#things.pop()) thing.close();
  }
}
