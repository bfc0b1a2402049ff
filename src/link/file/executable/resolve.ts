import { BpfError } from '../../../errors/index.ts';
import { EVERY_PROCESS } from '../../numbers.ts';
import { cText } from '../../text.ts';
import { followIn, OWN_ROOT, type Root, rootIn, rootOf } from './root.ts';
import { findByName } from './search.ts';

/** A program or library whose file is known. */
export interface Executable {
  /** The path by which this process, and the kernel for it, open the file. */
  readonly path: string;
  /** The file in messages: its path, and whose path that is if it is not this process's. */
  readonly shown: string;
}

/** `/proc/PID/root/PATH`, as users name files of other processes. */
const IN_ROOT = /^\/proc\/(self|\d+)\/root(\/.*)$/;

function inRoot(root: Root, path: string): Executable {
  const shown = `${path}${root.owner}`;
  const found = followIn(root, path);
  if (found !== undefined) return { path: found, shown };
  throw new BpfError(
    `Cannot find ${shown}: ENOENT: there is no such file, or this process may not look at it`,
    {
      code: 'ENOENT',
    },
  );
}

/**
 * Finds the file that is meant.
 *
 * A path with a `/` is one of the mount namespace of the process that is watched. A path in `/proc/PID/root` is one of
 * that process's, whichever is watched, and one in `/proc/self/root` is one of this process's. Symbolic links lead to
 * files of the same process. A name without a `/` is a library (`libc.so.6`; `libssl` for the newest version), as the
 * dynamic loader finds it, or else a program in PATH. If a process is watched, its mapped files, its environment and
 * its mount namespace decide.
 *
 * @param what - the function that has the option `path`, for TypeErrors
 * @param processId - the process that is watched: 0 for this one; -1 or `undefined` for every process
 * @throws BpfError `ENOENT` that names what was searched, `ESRCH` if there is no such process, `EACCES` without the
 *   right to look at it
 * @throws TypeError if the path is not a text, is empty, or is relative to another mount namespace
 */
export function resolveExecutable(what: string, path: string, processId: number = EVERY_PROCESS): Executable {
  cText(`${what}: path`, path);
  const [, owner, rest] = IN_ROOT.exec(path) ?? [];
  if (owner === 'self' && rest !== undefined) return { path: rest, shown: rest };
  if (owner !== undefined && rest !== undefined) return inRoot(rootIn(Number(owner)), rest);
  const watched = processId === EVERY_PROCESS ? undefined : processId || process.pid;
  const root = watched === undefined ? OWN_ROOT : rootOf(watched);
  if (!path.includes('/')) {
    const found = findByName(path, root, watched);
    return { path: found.path, shown: `${found.inside}${root.owner}` };
  }
  if (root === OWN_ROOT) return { path, shown: path };
  if (path.startsWith('/')) return inRoot(root, path);
  throw new TypeError(
    `${what}: path must begin with / because process ${watched} has a mount namespace of its own, got "${path}"`,
  );
}
