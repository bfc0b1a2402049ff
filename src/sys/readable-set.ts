import { HOST_LITTLE_ENDIAN } from '../abi/index.ts';
import { Fd } from './fd.ts';
import { syscall, trySyscall } from './syscall.ts';

const EPOLL_CLOEXEC = 0o2000000; // include/uapi/linux/eventpoll.h
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLERR = 8;
const EPOLLHUP = 16;
/** struct epoll_event: the events, then 8 bytes of the caller's; x86-64 leaves no room between them. */
const DATA = process.arch === 'x64' ? 4 : 8;
const EVENT = DATA + 8;

/** Descriptors that are waited for as one: {@link fd} is readable when one of them is, or hung up. */
export class ReadableSet {
  readonly fd: Fd;
  readonly #members = new Map<number, Fd>();

  /** @throws BpfError */
  constructor(what: string) {
    this.fd = Fd.adopt(syscall(`wait for ${what}`, 'epoll_create1', EPOLL_CLOEXEC), what);
  }

  /** @throws BpfError */
  add(fd: Fd): void {
    const event = new Uint8Array(EVENT);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, HOST_LITTLE_ENDIAN);
    view.setBigUint64(DATA, BigInt(fd.value), HOST_LITTLE_ENDIAN);
    syscall(`wait for ${fd.what}`, 'epoll_ctl', this.fd.value, EPOLL_CTL_ADD, fd.value, event);
    this.#members.set(fd.value, fd);
  }

  /** To be called before the descriptor is closed. */
  delete(fd: Fd): void {
    if (!this.#members.delete(fd.value)) return;
    trySyscall('epoll_ctl', this.fd.value, EPOLL_CTL_DEL, fd.value, null);
  }

  /**
   * Those on the other side of which nobody is any more: they are ready all the time. To be called while nobody waits
   * for the set, as asking takes from those who wait what is told only once.
   */
  hungUp(): Fd[] {
    const size = Math.max(this.#members.size, 1);
    const events = new Uint8Array(EVENT * size);
    const view = new DataView(events.buffer);
    const count = trySyscall('epoll_pwait', this.fd.value, events, size, 0, null, 8);
    const found: Fd[] = [];
    for (let at = 0; at < count * EVENT; at += EVENT) {
      if ((view.getUint32(at, HOST_LITTLE_ENDIAN) & (EPOLLHUP | EPOLLERR)) === 0) continue;
      const fd = this.#members.get(Number(view.getBigUint64(at + DATA, HOST_LITTLE_ENDIAN)));
      if (fd !== undefined) found.push(fd);
    }
    return found;
  }

  close(): void {
    this.fd.close();
  }
}
