import { readlinkSync } from 'node:fs';

/** PROC_USER_INIT_INO of include/linux/proc_ns.h: the inode of the initial user namespace. */
const INITIAL_USER_NAMESPACE = 0xeffffffd;

/** The kinds of namespace under /proc/PID/ns. */
export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts';

/** The inode that identifies a process's namespace. */
export function namespaceInode(kind: NamespaceKind, pid: number | 'self' = 'self'): number {
  // "user:[4026531837]" (namespaces(7)); cheaper than what stat() makes of it.
  return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[0]);
}

/** Whether a process is in the initial user namespace, the one that has no use for BPF tokens. */
export function inInitialUserNamespace(pid: number | 'self' = 'self'): boolean {
  return namespaceInode('user', pid) === INITIAL_USER_NAMESPACE;
}
