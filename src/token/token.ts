import { type BpfTokenInfo, decodeTokenInfo } from '../abi/index.ts';
import { ClosedError, checkObject } from '../errors/index.ts';
import { bpf, Fd, readFdinfo } from '../sys/index.ts';
import { Delegation } from './delegation.ts';

/** Where the permissions of a token were read. */
export type DelegationSource =
  /** BPF_OBJ_GET_INFO_BY_FD: exact. Linux 6.17. */
  | 'info'
  /** /proc/self/fdinfo: exact, but `any` stands for every bit the kernel knows. Linux 6.9. */
  | 'fdinfo'
  /** The mount's options: without the bits the kernel does not know. */
  | 'mountinfo'
  /** Nowhere: no /proc and an old kernel. Everything is taken for delegated, and the kernel decides. */
  | 'unknown';

const INFO_SIZE = 32; // struct bpf_token_info

function readInfo(fd: Fd): Delegation | undefined {
  const info = new Uint8Array(INFO_SIZE);
  const result = bpf('obj_get_info_by_fd', { bpf_fd: fd.value, info_len: INFO_SIZE, info });
  if (result < 0) return undefined;
  const decoded: BpfTokenInfo = decodeTokenInfo(new DataView(info.buffer), INFO_SIZE);
  return Delegation.from({
    cmds: decoded.allowed_cmds,
    maps: decoded.allowed_maps,
    progs: decoded.allowed_progs,
    attachs: decoded.allowed_attachs,
  });
}

function readDelegation(
  fd: Fd,
  superOptions: readonly string[] | undefined,
): { delegation: Delegation; source: DelegationSource } {
  const info = readInfo(fd);
  if (info !== undefined) return { delegation: info, source: 'info' };
  const fdinfo = Delegation.fromFdinfo(readFdinfo(fd) ?? '');
  if (fdinfo !== undefined) return { delegation: fdinfo.delegation, source: 'fdinfo' };
  if (superOptions !== undefined) {
    return { delegation: Delegation.fromMountOptions(superOptions).delegation, source: 'mountinfo' };
  }
  return { delegation: Delegation.any, source: 'unknown' };
}

/**
 * An open BPF token: the owner of its descriptor, what it permits, and where it is from.
 * Make one with `createToken`; close it, because an open token keeps its bpffs from being unmounted.
 * What was created with it lives on.
 */
export class Token {
  readonly #fd: Fd;
  #users = 0;
  #closed = false;
  /** The mount point of the bpffs the token was made from. */
  readonly mount: string;
  readonly delegation: Delegation;
  readonly source: DelegationSource;

  private constructor(fd: Fd, mount: string, delegation: Delegation, source: DelegationSource) {
    this.#fd = fd;
    this.mount = mount;
    this.delegation = delegation;
    this.source = source;
  }

  /** Takes over a descriptor that BPF_TOKEN_CREATE returned. */
  static adopt(
    fd: number,
    place: { readonly mount: string; readonly superOptions?: readonly string[] | undefined },
  ): Token {
    checkObject('Token.adopt: place', place);
    const owner = Fd.adopt(fd, `BPF token of ${place.mount}`);
    try {
      const { delegation, source } = readDelegation(owner, place.superOptions);
      return new Token(owner, place.mount, delegation, source);
    } catch (error) {
      owner.close();
      throw error;
    }
  }

  /** The descriptor's number, for calls this library does not make. @throws ClosedError after {@link close} */
  get fd(): number {
    this.assertOpen();
    return this.#fd.value;
  }

  /** @throws ClosedError after {@link close} */
  assertOpen(): void {
    if (this.#closed) throw new ClosedError(this.#fd.what);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Keeps the descriptor open for a call on another thread, {@link close} or not.
   *
   * @returns what ends it
   */
  hold(): () => void {
    this.#users++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#users--;
      this.#closeIfUnused();
    };
  }

  /** May be called any number of times. Calls that are on their way are finished first. */
  close(): void {
    this.#closed = true;
    this.#closeIfUnused();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #closeIfUnused(): void {
    if (this.#closed && this.#users === 0) this.#fd.close();
  }
}
