import { ClosedError, checkObject, checkOurs, OURS } from '../../errors/index.ts';
import { Fd } from '../../sys/index.ts';
import type { Delegation } from '../delegation/index.ts';
import { type DelegationSource, readDelegation } from './read-delegation.ts';

/**
 * An open BPF token: it owns its descriptor, and knows what it permits and where it comes from.
 * Make one with `createToken`. Close it, because an open token keeps its bpffs from being unmounted.
 * Objects that were created with it stay.
 */
export class Token {
  readonly #fd: Fd;
  #users = 0;
  #closed = false;
  /** The mount point of the bpffs the token was made from. */
  readonly mount: string;
  readonly delegation: Delegation;
  readonly source: DelegationSource;

  private constructor(
    key: typeof OURS,
    fd: Fd,
    mount: string,
    delegation: Delegation,
    source: DelegationSource,
  ) {
    checkOurs(key, 'Token', 'createToken');
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
      return new Token(OURS, owner, place.mount, delegation, source);
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
   * Keeps the descriptor open for a call on another thread, even if {@link close} is called meanwhile.
   *
   * @returns a function that ends this
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

  /** Closes the token. Calls that are under way end first. May be called any number of times. */
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
