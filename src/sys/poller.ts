import { ClosedError, checkFunction, checkSignal } from '../errors/index.ts';
import { type NativePoller, native } from './binding.ts';
import { checkFd, type Fd } from './fd.ts';
import { systemError } from './syscall.ts';
import { EPOLLET, EPOLLIN, EPOLLOUT } from './uapi.ts';

/**
 * Tells when descriptors become readable or writable, from its own epoll thread. Each {@link wait} is answered once.
 * A poller with nothing to wait for does not keep the process alive.
 */
export class Poller {
  readonly #native: NativePoller;
  readonly #waiting = new Map<number, Set<(readable: boolean) => void>>();
  readonly #watching = new Map<number, () => void>();
  #closed = false;

  constructor() {
    const made = native().poller((ids) => {
      for (const fd of ids) {
        this.#watching.get(fd)?.();
        this.#settle(fd, true);
      }
    });
    if (typeof made === 'number') throw systemError('start a poller', 'epoll_create1', -made);
    this.#native = made;
  }

  /**
   * Resolves to true when `fd` is readable, or to false if the poller is closed or the wait is aborted first.
   *
   * @throws BpfError `EPERM` for descriptors that cannot be waited for, such as regular files
   */
  async wait(fd: Fd, signal?: AbortSignal): Promise<boolean> {
    checkFd('wait', fd);
    checkSignal('wait', signal);
    if (this.#closed) throw new ClosedError('poller');
    if (signal?.aborted === true) return false;
    return await new Promise((resolve) => {
      const abort = (): void => {
        cancel();
        resolve(false);
      };
      const cancel = this.once(fd, (readable) => {
        signal?.removeEventListener('abort', abort);
        resolve(readable);
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Calls back once, with true when `fd` is readable, or with false when the poller is closed. This is {@link wait}
   * without promises and signals: they take as long as the kernel needs to wake a thread.
   *
   * @returns a function that ends this; calling it later does nothing
   */
  once(fd: Fd, callback: (readable: boolean) => void): () => void {
    if (this.#closed) throw new ClosedError('poller');
    const number = fd.value;
    const result = this.#native.arm(number, number, EPOLLIN);
    if (result < 0) throw systemError(`wait for ${fd.what}`, 'epoll_ctl', -result);
    if (!this.#busy) this.#native.hold(true);
    const others = this.#waiting.get(number);
    if (others === undefined) this.#waiting.set(number, new Set([callback]));
    else others.add(callback);
    return () => this.#leave(number, callback);
  }

  /**
   * Calls back each time the kernel signals `fd` again, and once at first if it is already readable. This is for
   * readers that know that it is readable and wait for more. Nothing else may wait for the descriptor meanwhile.
   *
   * @returns a function that ends this; call it before the descriptor is closed
   */
  watch(fd: Fd, callback: () => void): () => void {
    return this.#watch(fd, EPOLLIN, callback);
  }

  /** The same for writers that wait until more can be written. */
  watchWritable(fd: Fd, callback: () => void): () => void {
    return this.#watch(fd, EPOLLOUT, callback);
  }

  #watch(fd: Fd, events: number, callback: () => void): () => void {
    checkFd('watch', fd);
    checkFunction('watch: callback', callback);
    if (this.#closed) throw new ClosedError('poller');
    const number = fd.value;
    const result = this.#native.arm(number, number, events + EPOLLET);
    if (result < 0) throw systemError(`wait for ${fd.what}`, 'epoll_ctl', -result);
    if (!this.#busy) this.#native.hold(true);
    this.#watching.set(number, callback);
    return () => {
      if (this.#watching.get(number) !== callback) return;
      this.#watching.delete(number);
      if (this.#closed) return;
      this.#native.disarm(number);
      if (!this.#busy) this.#native.hold(false);
    };
  }

  /** Ends every wait and the thread. */
  close(): void {
    if (this.#closed) return;
    for (const fd of [...this.#waiting.keys()]) this.#settle(fd, false);
    this.#watching.clear();
    this.#closed = true;
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #busy(): boolean {
    return this.#waiting.size > 0 || this.#watching.size > 0;
  }

  #settle(fd: number, readable: boolean): void {
    const waiting = this.#waiting.get(fd);
    if (waiting === undefined) return;
    this.#forget(fd);
    for (const callback of waiting) callback(readable);
  }

  #leave(fd: number, callback: (readable: boolean) => void): void {
    const waiting = this.#waiting.get(fd);
    if (waiting?.delete(callback) === true && waiting.size === 0) {
      this.#native.disarm(fd);
      this.#forget(fd);
    }
  }

  #forget(fd: number): void {
    this.#waiting.delete(fd);
    if (!this.#busy) this.#native.hold(false);
  }
}
