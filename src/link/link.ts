import { type LinkType, type NumberText, progAttachFlags } from '../abi/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
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

/** What links that can be updated are attached to; it may go while the link stays. */
const PLACES: { readonly [type in LinkType]?: string } = {
  xdp: 'the network interface',
  tcx: 'the network interface',
  netkit: 'the network interface',
  cgroup: 'the cgroup',
  netns: 'the network namespace',
};

/**
 * A program that is attached: as long as something refers to the link, the program runs. That is this object until
 * {@link close}, or a pin. The program itself may be closed.
 *
 * Links came with Linux 5.7 (cgroups, tracing), 5.9 (XDP), 5.15 (perf events), 6.4 (netfilter) and 6.6 (TCX). They take
 * no BPF token, and for most kinds need none: the kernel checks the right when the program is loaded.
 *
 * @example
 * using link = attachXdp(program, { interface: 'eth0' });
 */
export class Link {
  /** The descriptor; the link's own. */
  readonly fd: Fd;
  /** The number as text for a type newer than this library. */
  readonly type: LinkType | NumberText;

  private constructor(fd: Fd, type: LinkType | NumberText) {
    this.fd = fd;
    this.type = type;
  }

  /**
   * Takes over a descriptor of a link. It is closed if it is not one.
   *
   * @throws BpfError `ERR_BPF_WRONG_OBJECT` for the descriptor of something else
   */
  static fromFd(fd: Fd): Link {
    checkFd('Link.fromFd', fd);
    try {
      checkKind(fd, 'link');
      return new Link(fd, linkBasics(fd).type);
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /**
   * Opens a link by its id. Needs CAP_SYS_ADMIN in the initial user namespace.
   *
   * @throws BpfError `ENOENT` when there is none, `EPERM`
   */
  static fromId(id: number): Link {
    return Link.fromFd(openById('link', id));
  }

  /**
   * Opens a link pinned in a BPF file system.
   *
   * @throws BpfError `ENOENT`, `EACCES`, ...; `ERR_BPF_WRONG_OBJECT` when something else is pinned there
   */
  static fromPinned(path: string): Link {
    return Link.fromFd(openPinned(path, 'link'));
  }

  /** What the kernel tells about it. @throws BpfError, ClosedError */
  info(): LinkInfo {
    return aboutLink(this.fd);
  }

  /**
   * Puts another program in the place of the one attached, at once: no event is missed between them. The kernel supports
   * this for links of XDP, TCX, netkit, cgroups and network namespaces.
   *
   * @param options - `expected`: the program that must be attached now, else nothing changes
   * @throws BpfError `EINVAL` for a program that does not fit or a link that cannot be updated, `ENOLINK` when what it was
   *   attached to is gone, `EPERM` when another program than `expected` is attached
   * @throws TypeError for unknown options
   */
  update(program: Program, options: { readonly expected?: Program | undefined } = {}): void {
    rejectUnknownOptions('link.update', options, ['expected']);
    const { expected } = options;
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
   * Detaches the program, although the link, and pins of it, stay. The kernel can for links of XDP, TCX, netkit,
   * netfilter, cgroups, network namespaces and struct_ops; any other is detached by closing and unpinning it.
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

  /** Pins it at a path of a BPF file system: it stays attached until the path is removed. @throws BpfError */
  pin(path: string): void {
    pinObject(this.fd, path);
  }

  /**
   * Removes a pin of it. Without other pins, it ends with this object's {@link close}.
   *
   * @throws BpfError `ENOENT` when nothing is pinned there, `ERR_BPF_WRONG_OBJECT` when something else is, `EACCES`
   * @throws ClosedError
   */
  unpin(path: string): void {
    unpinObject(this.fd, path);
  }

  get closed(): boolean {
    return this.fd.closed;
  }

  /** Gives the descriptor up, any number of times; without a pin the program is detached. */
  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
