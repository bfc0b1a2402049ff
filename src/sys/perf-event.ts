import type { Memory, SyscallArgument } from './binding.ts';
import { Fd } from './fd.ts';
import { syscall } from './syscall.ts';

const PERF_FLAG_FD_CLOEXEC = 8; // include/uapi/linux/perf_event.h

/** perf_event_open(2). `attr` is a `struct perf_event_attr` whose size field is set. */
export function perfEventOpen(attr: Memory, pid: number, cpu: number, group = -1): Fd {
  return Fd.adopt(
    syscall('open a perf event', 'perf_event_open', attr, pid, cpu, group, PERF_FLAG_FD_CLOEXEC),
    'perf event',
  );
}

/** ioctl(2) on a descriptor of the library. */
export function ioctl(fd: Fd, request: number, argument: SyscallArgument = 0): number {
  return syscall(`control ${fd.what}`, 'ioctl', fd.value, request, argument);
}
