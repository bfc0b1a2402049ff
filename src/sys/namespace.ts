import { BpfError } from '../errors/index.ts';
import { Fd } from './fd.ts';
import { readKernelLink } from './kernel-file.ts';
import { pidfdOpen } from './process.ts';
import { trySyscall } from './syscall.ts';

const { fstatSync } = process.getBuiltinModule('node:fs');

/** PROC_USER_INIT_INO of include/linux/proc_ns.h: the inode of the initial user namespace. */
const INITIAL_USER_NAMESPACE = 0xeffffffd;

/** The kinds of namespace under /proc/PID/ns. */
export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts';

/** The numbers of PIDFD_GET_..._NAMESPACE, include/uapi/linux/pidfd.h (Linux 6.11). */
const PIDFD_GET_NAMESPACE: Readonly<Record<NamespaceKind, number>> = {
  cgroup: 0xff01,
  ipc: 0xff02,
  mnt: 0xff03,
  net: 0xff04,
  pid: 0xff05,
  time: 0xff07,
  user: 0xff09,
  uts: 0xff0a,
};

/** Asks the kernel without /proc; `undefined` if it does not answer. */
function askForInode(kind: NamespaceKind): number | undefined {
  try {
    using self = pidfdOpen(process.pid);
    const found = trySyscall('ioctl', self.value, PIDFD_GET_NAMESPACE[kind], 0);
    if (found < 0) return undefined;
    using namespace = Fd.adopt(found, `${kind} namespace`);
    return fstatSync(namespace.value).ino;
  } catch (error) {
    if (error instanceof BpfError) return undefined;
    throw error;
  }
}

/**
 * The inode that identifies a process's namespace.
 *
 * @throws BpfError if /proc does not show it and, for this process, the kernel cannot be asked either (before 6.11)
 */
export function namespaceInode(kind: NamespaceKind, pid: number | 'self' = 'self'): number {
  try {
    // "user:[4026531837]" (namespaces(7)). Reading the link is cheaper than stat().
    const link = readKernelLink(`find the ${kind} namespace of process ${pid}`, `/proc/${pid}/ns/${kind}`);
    return Number(/\d+/.exec(link)?.[0]);
  } catch (error) {
    const asked = pid === 'self' ? askForInode(kind) : undefined;
    if (asked === undefined) throw error;
    return asked;
  }
}

/**
 * Whether a process is in the initial user namespace, where BPF tokens do not exist.
 *
 * @throws BpfError if that cannot be found out, see {@link namespaceInode}
 */
export function inInitialUserNamespace(pid: number | 'self' = 'self'): boolean {
  return namespaceInode('user', pid) === INITIAL_USER_NAMESPACE;
}
