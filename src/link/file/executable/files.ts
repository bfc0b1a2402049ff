import { followIn, type Root } from './root.ts';

const {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} = process.getBuiltinModule('node:fs');

/** The path by which this process reaches a file of a root; `undefined` if there is no such file. */
export function locate(root: Root, path: string): string | undefined {
  return root.folder === '' ? path : followIn(root, path);
}

/** The same as {@link locate}, for regular files only, and only for those that can be run if `run` is true. */
export function locateFile(root: Root, path: string, run = false): string | undefined {
  const found = locate(root, path);
  try {
    if (found === undefined || !statSync(found).isFile()) return undefined;
    if (run) accessSync(found, constants.X_OK);
    return found;
  } catch {
    return undefined;
  }
}

/** The names in a folder of a root. None if it cannot be read. */
export function namesInFolder(root: Root, path: string): string[] {
  const folder = locate(root, path);
  try {
    return folder === undefined ? [] : readdirSync(folder);
  } catch {
    return [];
  }
}

/** Larger than any file of a loader. */
const LARGEST = 2 ** 22;

/**
 * Reads a file of a loader. A container decides what is there: pipes are not waited for, and nothing endless is read.
 *
 * @returns `undefined` if it cannot be read, or is not a regular file of a sensible size
 */
export function readLoaderFile(root: Root, path: string): Uint8Array | undefined {
  const found = locate(root, path);
  if (found === undefined) return undefined;
  let fd: number;
  try {
    fd = openSync(found, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > LARGEST) return undefined;
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(fd, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Reads a text of /proc/PID; `undefined` if this process may not, or the process has ended. */
export function readProcessFile(processId: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
