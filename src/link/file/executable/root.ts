import { BpfError, errnoOf } from '../../../errors/index.ts';
import { unreadableKernelFile } from '../../../sys/index.ts';

const { lstatSync, readlinkSync } = process.getBuiltinModule('node:fs');

/** The file system that a path belongs to: that of this process, or that of another process. */
export interface Root {
  /** What stands before a path to reach it from this process: empty, or `/proc/PID/root`. */
  readonly folder: string;
  /** The end of its files' names in messages: empty, or ` of process PID`. */
  readonly owner: string;
}

export const OWN_ROOT: Root = { folder: '', owner: '' };

/** The root of another process, as /proc shows it. */
export const rootIn = (processId: number): Root => ({
  folder: `/proc/${processId}/root`,
  owner: ` of process ${processId}`,
});

function readLink(action: string, path: string, processId: number): string {
  try {
    return readlinkSync(path);
  } catch (cause) {
    const code = errnoOf(cause);
    // ENOENT has other causes too, such as a missing /proc: that of this process shows which one it is.
    if ((code === 'ENOENT' || code === 'ESRCH') && lstatSync('/proc/self', { throwIfNoEntry: false })) {
      throw new BpfError(`Cannot ${action}: ESRCH: there is no process ${processId}`, {
        code: 'ESRCH',
        cause,
      });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new BpfError(
        `Cannot ${action}: ${code}: this process may not look at process ${processId}: it needs CAP_SYS_PTRACE, or the ` +
          'same user and at least the same capabilities; if both see the same files, /proc/self/root/PATH means the one ' +
          'that this process sees',
        { code, cause },
      );
    }
    throw unreadableKernelFile(action, path, cause);
  }
}

/**
 * The root that paths belong to if `processId` is watched: the own one if both processes see the same files under the
 * same names.
 *
 * @throws BpfError `ESRCH` if there is no such process, `EACCES` without the right to look at it
 */
export function rootOf(processId: number): Root {
  if (processId === process.pid) return OWN_ROOT;
  const action = `find the files of process ${processId}`;
  // The /proc of another PID namespace numbers the processes in another way.
  const self = readLink(action, '/proc/self', process.pid);
  if (self !== String(process.pid)) {
    throw new BpfError(
      `Cannot ${action}: /proc belongs to another PID namespace, where this process is ${self}: mount the own one there`,
      { code: 'ESRCH' },
    );
  }
  const { folder } = rootIn(processId);
  const theirs = readLink(action, `/proc/${processId}/ns/mnt`, processId);
  if (theirs === readLink(action, '/proc/self/ns/mnt', process.pid)) {
    // It may have been moved by chroot(2).
    if (readLink(action, folder, processId) === '/') return OWN_ROOT;
  }
  return rootIn(processId);
}

/** As many symbolic links as the kernel follows in one path. */
const MOST_LINKS = 40;

/**
 * Follows the symbolic links of an absolute path inside a root: an absolute one leads to the root's own files, where the
 * kernel would take it for a file of this process.
 *
 * @returns a path without symbolic links, to be opened from this process; `undefined` if there is no such file
 */
export function followIn({ folder }: Root, path: string): string | undefined {
  const left = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === '..') done.pop();
    if (part === '' || part === '.' || part === '..') continue;
    const here = `${folder}/${[...done, part].join('/')}`;
    let target: string | undefined;
    try {
      target = lstatSync(here).isSymbolicLink() ? readlinkSync(here) : undefined;
    } catch {
      return undefined;
    }
    if (target === undefined) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return undefined;
    if (target.startsWith('/')) done.length = 0;
    for (const each of target.split('/').reverse()) left.push(each);
  }
  return `${folder}/${done.join('/')}`;
}
