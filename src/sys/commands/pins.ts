import { mapCreateFlags } from '../../abi/index.ts';
import { BpfError, checkString, fileError, wrongType } from '../../errors/index.ts';
import type { Fd } from '../fd.ts';
import { checkKind, type ObjectKind, objectKind } from '../object-kind.ts';
import { whyNotMade, whyNotOpened, whyNotRemoved } from '../pin-problems.ts';
import { call, open } from './call.ts';
import { isSameObject } from './object-info.ts';

const { unlinkSync } = process.getBuiltinModule('node:fs');

function cString(text: string): Uint8Array {
  checkString('path', text);
  if (text === '') throw wrongType('path', 'a path that is not empty', text);
  if (text.includes('\0')) throw new TypeError(`A path cannot hold a NUL character: ${JSON.stringify(text)}`);
  return Buffer.from(`${text}\0`);
}

/** BPF_OBJ_GET. */
function objGet(path: string, flags: number, what: string, action: string): Fd {
  const attr = { pathname: cString(path), file_flags: flags };
  return open('obj_get', attr, what, action, ({ code }) => whyNotOpened(path, code));
}

/**
 * Opens what is pinned at a path of a BPF file system.
 *
 * @param fileFlags - `BPF_F_RDONLY` or `BPF_F_WRONLY`, for maps
 * @throws BpfError `ENOENT`, `EPERM`, `EACCES`, ...; `ERR_BPF_WRONG_OBJECT` for an object of another kind
 */
export function openPinned(path: string, kind: ObjectKind, fileFlags = 0): Fd {
  const what = `${kind} pinned at ${path}`;
  const fd = objGet(path, fileFlags, what, `open ${what}`);
  try {
    checkKind(fd, kind, `open ${what}`);
    return fd;
  } catch (error) {
    fd.close();
    throw error;
  }
}

/**
 * Pins an object at a path of a BPF file system: it stays until the path is removed. BPF_OBJ_PIN.
 *
 * @param what - the object, for errors
 * @throws BpfError `EEXIST`, `EPERM` (not a BPF file system, or no right to write there), ...
 */
export function pinObject(fd: Fd, path: string, what: string = fd.what): void {
  const attr = { pathname: cString(path), bpf_fd: fd.value };
  call('obj_pin', attr, `pin ${what} at ${path}`, ({ code }) => whyNotMade(path, code));
}

/** What the file of a pin may permit this process: both, reading or writing. Only maps can be opened for just one. */
const ACCESS = [0, mapCreateFlags.rdonly, mapCreateFlags.wronly];

function openAnyhow(path: string, what: string): Fd {
  let refused: unknown;
  for (const flags of ACCESS) {
    try {
      return objGet(path, flags, `what is pinned at ${path}`, `unpin ${what} from ${path}`);
    } catch (error) {
      refused ??= error;
      if (!BpfError.is(error) || error.code !== 'EACCES') break;
    }
  }
  throw refused;
}

/**
 * Removes the pin of an object, if what is pinned at the path is this object. It does not notice if a process replaces
 * the pin at the same moment: the kernel has no call that checks and removes at once.
 *
 * @param what - the object, for errors
 * @throws BpfError `ERR_BPF_WRONG_OBJECT` if something else is pinned there, `ENOENT` if nothing is, `EACCES`, ...;
 *   ClosedError
 */
export function unpinObject(fd: Fd, path: string, what: string = fd.what): void {
  const action = `unpin ${what} from ${path}`;
  const own = objectKind(fd.value);
  using pinned = openAnyhow(path, what);
  if (!isSameObject(fd, pinned)) {
    const kind = objectKind(pinned.value);
    const found = kind === undefined ? 'something else' : kind === own ? `another ${kind}` : `a ${kind}`;
    const text = `Cannot unpin ${what}: what is pinned at ${path} is ${found}`;
    throw new BpfError(text, { code: 'ERR_BPF_WRONG_OBJECT' });
  }
  try {
    unlinkSync(path);
  } catch (cause) {
    throw fileError(action, cause, whyNotRemoved);
  }
}

/** Removes a pin that the caller has made, if it is there. @throws what `node:fs` throws if that is not permitted */
export function removePin(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
