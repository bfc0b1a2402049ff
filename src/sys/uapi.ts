/** Constants of system calls that several modules make. No BTF has them. */

/** In place of a folder's descriptor: relative paths start at the current folder (include/uapi/linux/fcntl.h). */
export const AT_FDCWD = -100;

/** What epoll waits for (include/uapi/linux/eventpoll.h). */
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLET = 0x8000_0000;
