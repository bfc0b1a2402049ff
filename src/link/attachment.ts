import { BpfError, checkOurs, type OURS } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import type { Fd } from '../sys/index.ts';
import type { LinkInfo } from './info.ts';
import { Link } from './link.ts';

/** Detaches what was forgotten. Neither part may refer to the attachment. */
const forgotten = new FinalizationRegistry<{ readonly undo: () => void; readonly fd: Fd }>(({ undo, fd }) => {
  try {
    if (!fd.closed) undo();
  } catch {
    // Nobody is left who could be told.
  } finally {
    fd.close();
  }
});

/**
 * A program that is attached without a link of the kernel, because this kind of place, or this kernel, has none: to a
 * socket, to a map of sockets, to a classic tc filter. It is used like any other link, but only this process knows it:
 * it cannot be asked about, updated or pinned.
 */
export class Attachment extends Link {
  #undo: (() => void) | undefined;

  /**
   * @param fd - what the program is attached to, which this object owns and closes after `undo`
   * @param undo - detaches the program. It is called once. It may use `fd`, but must not refer to this object
   * @internal
   */
  constructor(key: typeof OURS, fd: Fd, undo: () => void) {
    checkOurs(key, 'Attachment', 'attachSocketFilter and the like');
    super(key, fd, 'unspec');
    this.#undo = undo;
    forgotten.register(this, { undo, fd }, this);
  }

  /** @throws BpfError `ERR_BPF_NO_LINK` */
  override info(): LinkInfo {
    throw this.#noLink('ask about');
  }

  /** @throws BpfError `ERR_BPF_NO_LINK` */
  override update(_program: Program, _options?: { readonly expected?: Program | undefined }): void {
    throw this.#noLink('update');
  }

  /** Detaches the program, as {@link close} does. @throws BpfError */
  override detach(): void {
    this.close();
  }

  /** @throws BpfError `ERR_BPF_NO_LINK` */
  override pin(_path: string): void {
    throw this.#noLink('pin');
  }

  /** @throws BpfError `ERR_BPF_NO_LINK` */
  override unpin(_path: string): void {
    throw this.#noLink('unpin');
  }

  override close(): void {
    const undo = this.#undo;
    this.#undo = undefined;
    forgotten.unregister(this);
    try {
      if (!this.closed) undo?.();
    } finally {
      super.close();
    }
  }

  #noLink(action: string): BpfError {
    return new BpfError(
      `Cannot ${action} the ${this.fd.what}: it is attached without a link of the kernel, which has none for it`,
      { code: 'ERR_BPF_NO_LINK' },
    );
  }
}
