import { mkdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs';
import { mapCreateFlags } from '../abi/index.ts';
import { BpfError, checkString, errnoName } from '../errors/index.ts';
import { bpf } from './bpf.ts';
import { Fd } from './fd.ts';
import { whyNotMade, whyNotOpened } from './pin-problems.ts';

const { rdonly: RDONLY } = mapCreateFlags;

/** The kinds of BPF objects a descriptor can stand for. */
export type ObjectKind = 'map' | 'program' | 'link' | 'btf';

const KINDS: readonly (readonly [RegExp, ObjectKind])[] = [
  [/^anon_inode:\[?bpf-map\]?$/, 'map'],
  [/^anon_inode:\[?bpf-prog\]?$/, 'program'],
  [/^anon_inode:\[?bpf_link\]?$/, 'link'],
  [/^anon_inode:\[?btf\]?$/, 'btf'],
];

/**
 * What kind of BPF object a descriptor stands for, as /proc/self/fd names it; `undefined` when it is
 * none, or when /proc does not tell.
 */
export function objectKind(fd: number): ObjectKind | undefined {
  let target: string;
  try {
    target = readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
  return KINDS.find(([pattern]) => pattern.test(target))?.[1];
}

function cString(text: string): Uint8Array {
  checkString('path', text);
  if (text.includes('\0')) throw new TypeError(`A path cannot hold a NUL character: ${JSON.stringify(text)}`);
  return Buffer.from(`${text}\0`);
}

/**
 * Opens what is pinned at a path of a BPF file system.
 *
 * @param fileFlags - `BPF_F_RDONLY` or `BPF_F_WRONLY`, for maps
 * @throws BpfError `ENOENT`, `EPERM`, `EACCES`, …; `ERR_BPF_WRONG_OBJECT` for an object of another kind
 */
export function openPinned(path: string, kind: ObjectKind, fileFlags = 0): Fd {
  const what = `${kind} pinned at ${path}`;
  const result = bpf('obj_get', { pathname: cString(path), file_flags: fileFlags });
  if (result < 0) throw pinError(`open ${what}`, 'obj_get', -result, whyNotOpened(path, errnoName(-result)));
  const fd = Fd.adopt(result, what);
  const found = objectKind(fd.value);
  if (found === undefined || found === kind) return fd;
  fd.close();
  throw new BpfError(`Cannot open ${what}: it is a ${found}`, { code: 'ERR_BPF_WRONG_OBJECT' });
}

/**
 * Pins an object at a path of a BPF file system: it stays until the path is removed.
 *
 * @throws BpfError `EEXIST`, `EPERM` (not a BPF file system, or no right to write there), …
 */
export function pinObject(fd: Fd, path: string): void {
  const result = bpf('obj_pin', { pathname: cString(path), bpf_fd: fd.value });
  if (result >= 0) return;
  throw pinError(`pin ${fd.what} at ${path}`, 'obj_pin', -result, whyNotMade(path, errnoName(-result)));
}

function pinError(action: string, command: string, errno: number, why: string | undefined): BpfError {
  const code = errnoName(errno);
  return new BpfError(`Cannot ${action}: ${code}${why === undefined ? '' : `: ${why}`}`, {
    code,
    errno,
    syscall: 'bpf',
    command,
  });
}

/**
 * Removes a pin, if it is one of this object. Somebody who replaces the pin in the same moment is not noticed: the
 * kernel has no call that does both.
 *
 * @param idOf - the kernel's id of what a descriptor stands for
 * @throws BpfError `ENOENT` when nothing is pinned there, `ERR_BPF_WRONG_OBJECT` when something else is, `EPERM`, …
 */
export function unpinOwn(fd: Fd, kind: ObjectKind, path: string, idOf: (fd: Fd) => number): void {
  const refuse = (found: string): BpfError =>
    new BpfError(`Cannot unpin ${fd.what}: what is pinned at ${path} is ${found}`, {
      code: 'ERR_BPF_WRONG_OBJECT',
    });
  {
    // For maps, the right to read the file is enough to see which one it is.
    const result = bpf('obj_get', { pathname: cString(path), file_flags: kind === 'map' ? RDONLY : 0 });
    if (result < 0) {
      const why = whyNotOpened(path, errnoName(-result));
      throw pinError(`unpin ${fd.what} from ${path}`, 'obj_get', -result, why);
    }
    using pinned = Fd.adopt(result, `what is pinned at ${path}`);
    const found = objectKind(pinned.value);
    if (found !== undefined && found !== kind) throw refuse(`a ${found}`);
    if (idOf(pinned) !== idOf(fd)) throw refuse(`another ${kind}`);
  }
  try {
    unlinkSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_BPF_PIN';
    const why = whyNotMade(path, code);
    throw new BpfError(
      `Cannot unpin ${fd.what} from ${path}: ${code}${why === undefined ? '' : `: ${why}`}`,
      { code, cause },
    );
  }
}

/** Removes a pin, if it is there. @throws what `node:fs` throws when that is not permitted */
export function unpinObject(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Makes a folder for pins where there is none; the one above must be there.
 *
 * @returns whether it was not there
 * @throws BpfError with Node's code
 */
export function makePinFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_BPF_PIN';
    if (code === 'EEXIST') return false;
    const why = whyNotMade(path, code);
    throw new BpfError(
      `Cannot make the folder ${path} for pins: ${code}${why === undefined ? '' : `: ${why}`}`,
      { code, cause },
    );
  }
}

/** Removes a folder that {@link makePinFolder} made, unless there is something in it. */
export function removePinFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
  }
}
