import { BpfError, checkOurs, type OURS } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { Fd } from '../sys/index.ts';
import { Link } from './link.ts';

/**
 * Several links of one program that belong together, such as one for each CPU. They are closed together, and `info()`
 * is that of the first. What concerns a single link, such as a pin, is done with the {@link links} themselves.
 */
export class LinkGroup extends Link {
  readonly links: readonly Link[];

  /** @internal */
  constructor(key: typeof OURS, first: Link, others: readonly Link[]) {
    checkOurs(key, 'LinkGroup', 'attachPerfEvent and the like');
    super(key, first.fd, first.type);
    this.links = Object.freeze([first, ...others]);
  }

  /** Replaces the program of each link. @throws like {@link Link.update}; links before the refused one are updated */
  override update(program: Program, options?: { readonly expected?: Program | undefined }): void {
    for (const link of this.links) link.update(program, options);
  }

  /** Detaches each of the links. @throws BpfError */
  override detach(): void {
    for (const link of this.links) link.detach();
  }

  /** @throws BpfError `ERR_BPF_LINK_GROUP`: pin each of the {@link links} under a name of its own */
  override pin(path: string): void {
    this.#refuse('pin', path);
  }

  /** @throws BpfError `ERR_BPF_LINK_GROUP` */
  override unpin(path: string): void {
    this.#refuse('unpin', path);
  }

  /** Closes all links. May be called any number of times. */
  override close(): void {
    super.close();
    Fd.closeAll(this.links.map(({ fd }) => fd));
    for (const link of this.links) link.close();
  }

  #refuse(action: string, path: string): never {
    throw new BpfError(
      `Cannot ${action} ${path}: this is a group of ${this.links.length} links: ${action} each of its links`,
      { code: 'ERR_BPF_LINK_GROUP' },
    );
  }
}
