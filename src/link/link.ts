import { type LinkType, type NumberText, progAttachFlags } from '../abi/index.ts';
import {
  ClosedError,
  checkOurs,
  checkOwner,
  OURS,
  rejectOptions,
  rejectUnknownOptions,
} from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import {
  checkFd,
  checkKind,
  type Fd,
  linkDetach,
  linkUpdate,
  openById,
  openPinned,
  pinObject,
  unpinObject,
} from '../sys/index.ts';
import { aboutLink, type LinkInfo, linkBasics } from './info.ts';
import { programText } from './problems.ts';

/** Links of these types can be updated. Each is attached to something that can go away while the link stays. */
const PLACES: { readonly [type in LinkType]?: string } = {
  xdp: 'the network interface',
  tcx: 'the network interface',
  netkit: 'the network interface',
  cgroup: 'the cgroup',
  netns: 'the network namespace',
  sockmap: 'the map',
};

/** The links that stay for the life of the process, whatever the collector finds. */
const kept = new Set<Link>();

/**
 * A program that is attached. It stays attached as long as something refers to the link: this object until
 * {@link close}, or a pin. You may close the program itself.
 *
 * If you forget the object, the garbage collector closes it at some time, and the program is detached. Hold it, or say
 * {@link keep}.
 *
 * Links came with Linux 5.7 (cgroups, tracing), 5.9 (XDP), 5.15 (perf events), 6.4 (netfilter) and 6.6 (TCX). They take
 * no BPF token, and most kinds need none: the kernel checks the right when the program is loaded.
 *
 * @example
 * using link = attachXdp(program, { interface: 'eth0' });
 */
export class Link {
  /** The descriptor, which this object owns. */
  readonly fd: Fd;
  /** If the type is newer than this library: its number as text. */
  readonly type: LinkType | NumberText;

  /** @internal */
  constructor(key: typeof OURS, fd: Fd, type: LinkType | NumberText) {
    checkOurs(key, 'Link', 'attachXdp and the like, Link.fromId, fromPinned or fromFd');
    this.fd = fd;
    this.type = type;
  }

  /**
   * Takes over a descriptor of a link. Closes it if it is something else.
   *
   * @throws BpfError `ERR_BPF_WRONG_OBJECT` if the descriptor is something else
   */
  static fromFd(fd: Fd): Link;
  static fromFd(fd: Fd, options?: unknown): Link {
    rejectOptions('Link.fromFd', options);
    checkFd('Link.fromFd', fd);
    try {
      checkKind(fd, 'link');
      return new Link(OURS, fd, linkBasics(fd).type);
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /**
   * Opens a link by its id. Needs CAP_SYS_ADMIN in the initial user namespace.
   *
   * @throws BpfError `ENOENT` if there is none, `EPERM`
   */
  static fromId(id: number): Link;
  static fromId(id: number, options?: unknown): Link {
    rejectOptions('Link.fromId', options);
    return Link.fromFd(openById('link', id));
  }

  /**
   * Opens a link pinned in a BPF file system.
   *
   * @throws BpfError `ENOENT`, `EACCES`, ...; `ERR_BPF_WRONG_OBJECT` if something else is pinned there
   */
  static fromPinned(path: string): Link;
  static fromPinned(path: string, options?: unknown): Link {
    rejectOptions('Link.fromPinned', options);
    return Link.fromFd(openPinned(path, 'link'));
  }

  /** Asks the kernel about this link. @throws BpfError, ClosedError */
  info(): LinkInfo {
    return aboutLink(this.fd);
  }

  /**
   * Replaces the attached program by another one in a single step, so that no event is missed. The kernel supports
   * this for links of XDP, TCX, netkit, cgroups, network namespaces and maps of sockets.
   *
   * @param options - `expected`: the program that must be attached now; if it is not, nothing changes
   * @throws BpfError `EINVAL` if the program does not fit or the link cannot be updated, `ENOLINK` if what the link was
   *   attached to is gone, `EPERM` if the attached program is not `expected`
   * @throws TypeError for what is not a program, and for unknown options
   */
  update(program: Program, options: { readonly expected?: Program | undefined } = {}): void {
    rejectUnknownOptions('link.update', options, ['expected']);
    checkOwner('link.update: program', program, 'a Program');
    const { expected } = options;
    if (expected !== undefined) checkOwner('link.update: expected', expected, 'a Program');
    linkUpdate(
      {
        link_fd: this.fd.value,
        new_prog_fd: program.fd.value,
        flags: expected === undefined ? 0 : progAttachFlags.replace,
        old_prog_fd: expected?.fd.value,
      },
      `update ${this.fd.what} to ${programText(program)}`,
      ({ code }) => this.#whyNotUpdated(code, expected),
    );
  }

  #whyNotUpdated(code: string, expected: Program | undefined): string | undefined {
    const { type } = this;
    if (code === 'EPERM' && expected !== undefined)
      return `a program other than ${programText(expected)} is attached`;
    if (code === 'ENOLINK') {
      const place = PLACES[type as LinkType] ?? 'what it was attached to';
      return `it is no longer attached: ${place} is gone, or the link was detached: attach the program again`;
    }
    if (type !== undefined && !(type in PLACES)) {
      return `links of type ${type} cannot change their program: attach the new program, then close this link`;
    }
    if (code === 'EINVAL') {
      return 'the program must have the same type as the attached one, and be loaded for the same attach type';
    }
    return undefined;
  }

  /**
   * Detaches the program. The link and its pins stay. The kernel supports this for links of XDP, TCX, netkit,
   * netfilter, cgroups, network namespaces, maps of sockets and struct_ops. To detach any other link, close it and remove its pins.
   *
   * @throws BpfError `EOPNOTSUPP`
   */
  detach(): void {
    linkDetach(this.fd, ({ code }) =>
      code === 'EOPNOTSUPP'
        ? `links of type ${this.type} cannot be detached: remove the pins of the link, and close it everywhere`
        : undefined,
    );
  }

  /** Pins the link in a BPF file system: it stays attached until this path is removed. @throws BpfError */
  pin(path: string): void {
    pinObject(this.fd, path);
  }

  /**
   * Removes a pin of this link. If it was the last one, the link ends when this object is closed ({@link close}).
   *
   * @throws BpfError `ENOENT` if nothing is pinned there, `ERR_BPF_WRONG_OBJECT` if something else is, `EACCES`
   * @throws ClosedError
   */
  unpin(path: string): void {
    unpinObject(this.fd, path);
  }

  get closed(): boolean {
    return this.fd.closed;
  }

  /**
   * Holds the link until it is closed or the process ends, so that you need not hold it yourself.
   *
   * @returns this link
   * @throws ClosedError
   */
  keep(): this {
    if (this.closed) throw new ClosedError(this.fd.what);
    kept.add(this);
    return this;
  }

  /** Closes the descriptor. Without a pin this detaches the program. May be called any number of times. */
  close(): void {
    kept.delete(this);
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
