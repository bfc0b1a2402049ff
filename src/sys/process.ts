import { Fd } from './fd.ts';
import { syscall } from './syscall.ts';

/** A descriptor that stands for a process: pidfd_open(2). */
export function pidfdOpen(pid: number): Fd {
  return Fd.adopt(syscall(`open process ${pid}`, 'pidfd_open', pid, 0), `process ${pid}`);
}

/** Copies a descriptor of another process: pidfd_getfd(2). Needs the right to trace that process. */
export function pidfdGetfd(process: Fd, fd: number, what: string): Fd {
  return Fd.adopt(
    syscall(`copy descriptor ${fd} of ${process.what}`, 'pidfd_getfd', process.value, fd, 0),
    what,
  );
}

/** Moves the calling thread into a namespace: setns(2). The other threads of the process stay. */
export function setns(namespace: Fd): void {
  syscall(`enter ${namespace.what}`, 'setns', namespace.value, 0);
}

/** prctl(2) for the calling thread. */
export function prctl(option: number, ...args: number[]): number {
  return syscall(`set process attribute ${option}`, 'prctl', option, ...args);
}
