import { Fd } from './fd.ts';
import { isFileSystem } from './file-system.ts';
import { trySyscall } from './syscall.ts';
import { AT_FDCWD } from './uapi.ts';

const { fstatSync, readFileSync } = process.getBuiltinModule('node:fs');

// include/uapi/asm-generic/fcntl.h; O_DIRECTORY differs on arm64
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;

function open(path: Uint8Array | string, flags: number, what: string): Fd | number {
  // O_RDONLY is 0.
  const fd = trySyscall(
    'openat',
    AT_FDCWD,
    Buffer.concat([Buffer.from(path), Buffer.of(0)]),
    flags | O_CLOEXEC,
  );
  return fd < 0 ? fd : Fd.adopt(fd, what);
}

/** Opens a directory for reading: the descriptor's owner, or the negated errno. To the kernel, paths are bytes. */
export function openDirectory(path: Uint8Array | string): Fd | number {
  return open(path, O_DIRECTORY, `directory ${Buffer.from(path).toString()}`);
}

/** Opens a file for reading, such as a namespace: the descriptor's owner, or the negated errno. */
export function openFile(path: Uint8Array | string, what: string): Fd | number {
  return open(path, 0, what);
}

/** Opens a device for reading and writing, without waiting for it: the descriptor's owner, or the negated errno. */
export function openDevice(path: string, what: string): Fd | number {
  return open(path, O_RDWR | O_NONBLOCK, what);
}

/** Opens a file whose reads return EAGAIN instead of waiting: the descriptor's owner, or the negated errno. */
export function openNonblocking(path: Uint8Array | string, what: string): Fd | number {
  return open(path, O_NONBLOCK, what);
}

/** The `major:minor` of the file system that a descriptor is on, as mountinfo writes it. */
export function deviceOf(fd: Fd): string {
  const { dev } = fstatSync(fd.value, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/** Whether a path leads to a bpffs; `undefined` if that cannot be seen. */
export function isBpffs(path: Uint8Array | string): boolean | undefined {
  return isFileSystem(path, 'bpf');
}

/** What /proc/self/fdinfo shows about a descriptor; `undefined` without /proc. */
export function readFdinfo(fd: Fd): string | undefined {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd.value}`, 'latin1');
  } catch {
    return undefined;
  }
}
