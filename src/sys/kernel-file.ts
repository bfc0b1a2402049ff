/** Files of /proc and /sys. These may not be mounted, a file may be hidden, or this process may not read it. */
import { BpfError, type ErrorCode, errnoOf } from '../errors/index.ts';
import { isFileSystem } from './file-system.ts';
import { commonCause } from './syscall.ts';

const { readFileSync, readlinkSync } = process.getBuiltinModule('node:fs');

/** The file systems at these places. */
const FILE_SYSTEMS = [
  { place: '/proc', type: 'procfs' },
  { place: '/sys', type: 'sysfs' },
] as const;

/** Whether the file system that a path in /proc or /sys needs is mounted there; `true` for any other path. */
export function isKernelFileSystemMounted(path: string): boolean {
  const found = FILE_SYSTEMS.find(({ place }) => path.startsWith(`${place}/`));
  return found === undefined || isFileSystem(found.place, found.type) === true;
}

const codeOf = (cause: unknown): ErrorCode => errnoOf(cause) ?? 'ERR_BPF_READ';

/** Why a file of /proc or /sys cannot be read, for the end of a sentence. */
export function whyUnreadable(path: string, cause: unknown): string {
  const code = codeOf(cause);
  const found = FILE_SYSTEMS.find(({ place }) => path.startsWith(`${place}/`));
  if (found !== undefined && !isKernelFileSystemMounted(path)) {
    return `${path} cannot be read (${code}): no ${found.type} is mounted at ${found.place}: mount it there`;
  }
  switch (code) {
    case 'EMFILE':
    case 'ENFILE':
      return `${code}: ${commonCause(code, 'openat')}`;
    case 'ENOENT':
      return `there is no ${path}`;
    case 'EACCES':
    case 'EPERM':
      return `this process may not read ${path} (${code})`;
    default:
      return `${path} cannot be read (${code})`;
  }
}

/** The error for something that only a file of /proc or /sys shows; `action` completes "Cannot ...". */
export function unreadableKernelFile(action: string, path: string, cause: unknown): BpfError {
  return new BpfError(`Cannot ${action}: ${whyUnreadable(path, cause)}`, { code: codeOf(cause), cause });
}

/** Reads a file of /proc or /sys. @throws BpfError with Node's code that says why it cannot be read */
export function readKernelFile(action: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadableKernelFile(action, path, cause);
  }
}

/** Reads where a link in /proc leads. @throws BpfError with Node's code */
export function readKernelLink(action: string, path: string): string {
  try {
    return readlinkSync(path);
  } catch (cause) {
    throw unreadableKernelFile(action, path, cause);
  }
}
