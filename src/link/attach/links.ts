import { ClosedError, checkString } from '../../errors/index.ts';
import { Fd } from '../../sys/index.ts';
import { Link } from '../link.ts';

/** A program that {@link Collection.attach} has not attached, because nothing says where. */
export interface SkippedProgram {
  /** Its name in the source. */
  readonly program: string;
  /** What no option told, and which option would: `no option says where: give interface`. */
  readonly reason: string;
}

/** The links that stay for the life of the process. */
const kept = new Set<LinkSet>();

/**
 * What {@link Collection.attach} has attached. Each link is also a property with the name of its program or struct_ops,
 * unless this class has a member of that name: `links.on_exec`. {@link get} finds all of them.
 *
 * @example
 * using collection = await Collection.load('tools.o');
 * using links = collection.attach({ interface: 'eth0' });
 * links.count_packets?.info();
 * for (const [name, link] of links) console.log(name, link.type);
 */
export class LinkSet implements Iterable<[name: string, link: Link]> {
  /** The programs that were not attached, because no option says where. */
  readonly skipped: readonly SkippedProgram[];
  readonly #links: ReadonlyMap<string, Link>;
  #closed = false;

  /** @internal */
  constructor(links: ReadonlyMap<string, Link>, skipped: readonly SkippedProgram[]) {
    this.#links = links;
    this.skipped = Object.freeze([...skipped]);
    for (const [name, value] of links) {
      if (!(name in this)) Object.defineProperty(this, name, { value, enumerable: true });
    }
  }

  /** How many links there are. */
  get size(): number {
    return this.#links.size;
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The link of the program or struct_ops of this name. `undefined` if it is not attached. @throws TypeError */
  get(name: string): Link | undefined {
    checkString('links.get: name', name);
    return this.#links.get(name);
  }

  /** The links with their names, in the order in which they were attached. */
  [Symbol.iterator](): IterableIterator<[name: string, link: Link]> {
    return this.#links.entries();
  }

  /** Holds all links until they are closed or the process ends ({@link Link.keep}). @throws ClosedError */
  keep(): this {
    if (this.#closed) throw new ClosedError('links');
    kept.add(this);
    return this;
  }

  /**
   * Closes all links. Some kinds make the caller wait for all CPUs; that is done for several at once. May be called any number of times.
   *
   * @throws what the first link that could not be closed throws, after all others are closed
   */
  close(): void {
    this.#closed = true;
    kept.delete(this);
    closeAll([...this.#links.values()]);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The links of a collection: {@link LinkSet}, and each link by its name. */
export type Links = LinkSet & { readonly [name: string]: Link };

/** Closes links, and goes on after an error. @throws the first error */
export function closeAll(links: readonly Link[]): void {
  const errors: unknown[] = [];
  // What takes more than closing a descriptor comes first, the last one first.
  for (const link of links.filter((each) => !isPlain(each)).reverse()) {
    try {
      link.close();
    } catch (error) {
      errors.push(error);
    }
  }
  Fd.closeAll(links.filter(isPlain).map(({ fd }) => fd));
  // Now they only forget that they are kept.
  for (const link of links) link.close();
  if (errors.length > 0) throw errors[0];
}

/** Whether closing its descriptor is all that closes a link. */
const isPlain = (link: Link): boolean => Object.getPrototypeOf(link) === Link.prototype;
