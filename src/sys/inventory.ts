/** What a process holds, as /proc shows it. */
import { unreadableKernelFile } from './kernel-file.ts';
import { readMountinfo } from './mountinfo.ts';

const { readdirSync, readFileSync, readlinkSync } = process.getBuiltinModule('node:fs');

/** @throws BpfError without /proc: what a process holds is shown nowhere else */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unreadableKernelFile('see what this process holds', folder, cause);
  }
}

/** The open descriptors of this process and what they lead to. */
export function openFiles(): Map<number, string> {
  const files = new Map<number, string>();
  for (const name of list('/proc/self/fd')) {
    try {
      files.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The descriptor through which this directory was read.
    }
  }
  return files;
}

/** The mounts of this process, as lines of mountinfo. */
export function mountLines(): string[] {
  return Buffer.from(readMountinfo())
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

/** The namespaces of this thread, by kind. */
export function namespaceLinks(): Map<string, string> {
  const links = new Map<string, string>();
  for (const kind of list('/proc/thread-self/ns')) {
    links.set(kind, readlinkSync(`/proc/thread-self/ns/${kind}`));
  }
  return links;
}

function childrenOf(process: number | 'self'): number[] {
  const children: number[] = [];
  for (const thread of list(`/proc/${process}/task`)) {
    try {
      const list = readFileSync(`/proc/${process}/task/${thread}/children`, 'latin1');
      children.push(
        ...list
          .split(' ')
          .filter((word) => word !== '')
          .map(Number),
      );
    } catch {
      // A thread that has just ended, or a kernel without CONFIG_PROC_CHILDREN.
    }
  }
  return children;
}

/** The children of this process, including ended ones that nobody has waited for. */
export function childProcesses(): number[] {
  return childrenOf('self');
}

/** The other children of this process's parent; none if they cannot be seen. */
export function siblingProcesses(): number[] {
  try {
    return childrenOf(process.ppid).filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

/** The command line of a process; undefined if it has ended. */
export function describeProcess(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      .split('\0')
      .filter((word) => word !== '');
    return words.length === 0 ? undefined : words.join(' ');
  } catch {
    return undefined;
  }
}
