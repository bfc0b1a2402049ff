/** Files of /proc and /sys, which may not be mounted, may hide a file, or may not be readable for this process. */
import { BpfError } from '../errors/index.ts';
import { commonCause } from './syscall.ts';

const { readFileSync, readlinkSync, statfsSync } = process.getBuiltinModule('node:fs');

/** What lies at these places (include/uapi/linux/magic.h). */
const FILE_SYSTEMS = [
  { place: '/proc', type: 'procfs', magic: 0x9fa0 },
  { place: '/sys', type: 'sysfs', magic: 0x62656572 },
] as const;

/** Whether the file system that a path belongs to is mounted where it is looked for; `true` for any other path. */
export function isKernelFileSystemMounted(path: string): boolean {
  const found = FILE_SYSTEMS.find(({ place }) => path.startsWith(`${place}/`));
  if (found === undefined) return true;
  try {
    return statfsSync(found.place).type === found.magic;
  } catch {
    return false;
  }
}

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'ERR_BPF_READ';

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

/** The error of something that only a file of /proc or /sys tells; `action` completes "Cannot ...". */
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

/** Reads where a link of /proc leads. @throws BpfError with Node's code */
export function readKernelLink(action: string, path: string): string {
  try {
    return readlinkSync(path);
  } catch (cause) {
    throw unreadableKernelFile(action, path, cause);
  }
}
