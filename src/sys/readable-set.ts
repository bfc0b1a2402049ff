import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { Fd } from './fd.ts';
import { syscall, trySyscall } from './syscall.ts';
import { EPOLLIN } from './uapi.ts';

const EPOLL_CLOEXEC = 0o2000000; // include/uapi/linux/eventpoll.h
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

/** Descriptors that are waited for as one: {@link fd} is readable when one of them is readable or hung up. */
export class ReadableSet {
  readonly fd: Fd;

  /** @throws BpfError */
  constructor(what: string) {
    this.fd = Fd.adopt(syscall(`wait for ${what}`, 'epoll_create1', EPOLL_CLOEXEC), what);
  }

  /** @throws BpfError */
  add(fd: Fd): void {
    // struct epoll_event: the events come first on every CPU, and what follows them is not used.
    const event = new Uint8Array(16);
    new DataView(event.buffer).setUint32(0, EPOLLIN, HOST_LITTLE_ENDIAN);
    syscall(`wait for ${fd.what}`, 'epoll_ctl', this.fd.value, EPOLL_CTL_ADD, fd.value, event);
  }

  /** Call this before the descriptor is closed. */
  delete(fd: Fd): void {
    trySyscall('epoll_ctl', this.fd.value, EPOLL_CTL_DEL, fd.value, null);
  }

  close(): void {
    this.fd.close();
  }
}
