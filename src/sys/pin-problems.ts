import type { Stats } from 'node:fs';
import { isBpffs } from './bpffs.ts';
import { parseMountinfo, readMountinfo, visibleMounts } from './mountinfo.ts';

const { lstatSync } = process.getBuiltinModule('node:fs');
const { basename, dirname, join, resolve } = process.getBuiltinModule('node:path');

function stat(path: string): Stats | 'missing' | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : undefined;
  }
}

/** The nearest existing folder above a path; `undefined` if that cannot be seen. */
function nearestFolder(path: string): string | undefined {
  let folder = dirname(path);
  for (;;) {
    const found = stat(folder);
    if (found === undefined) return undefined;
    if (found !== 'missing' || folder === '/') return folder;
    folder = dirname(folder);
  }
}

const USUAL = '/sys/fs/bpf';
const MOUNT = `mount -t bpf bpf ${USUAL}`;

/** Where a bpffs is mounted; `undefined` if none can be seen. */
function mountedBpffs(): string | undefined {
  if (isBpffs(USUAL) === true) return USUAL;
  try {
    return visibleMounts(parseMountinfo(readMountinfo()).mounts).find(({ fsType }) => fsType === 'bpf')
      ?.mountPoint;
  } catch {
    return undefined;
  }
}

/** What to do about a path that is not in a bpffs. */
function adviseBpffs(path: string): string {
  const mounted = mountedBpffs();
  if (mounted !== undefined) return `use a path in one, such as ${join(mounted, basename(path))}`;
  return path.startsWith(`${USUAL}/`) ? MOUNT : `${MOUNT}, and use a path in it`;
}

/** What is wrong with the folder of a path that should be in a bpffs; `undefined` if nothing wrong can be seen. */
function whyNoFolder(path: string): string | undefined {
  const folder = dirname(path);
  const nearest = nearestFolder(path);
  if (nearest === undefined) return undefined;
  if (isBpffs(nearest) === false) {
    const missing = nearest === folder ? '' : `there is no folder ${folder}, and `;
    return `${missing}${nearest} is not in a bpffs: ${adviseBpffs(path)}`;
  }
  return nearest === folder ? undefined : `there is no folder ${folder}`;
}

const dotted = (path: string): string | undefined => {
  const name = basename(path);
  return name.includes('.')
    ? `a bpffs allows no dots in names: use "${name.replaceAll('.', '_')}" instead of "${name}"`
    : undefined;
};

const RIGHTS = 'this process may not do that: see the owners and modes of the folder and of those above it';

/** Why something could not be pinned, or a folder for pins not be made, as far as the file system shows it. */
export function whyNotMade(given: string, code: string): string | undefined {
  const path = resolve(given);
  if (code === 'EEXIST') return 'the path already exists';
  if (code === 'ENOTDIR') return 'a part of the path is not a folder';
  if (code !== 'ENOENT' && code !== 'EPERM' && code !== 'EACCES') return undefined;
  const why = whyNoFolder(path);
  if (why !== undefined || code === 'ENOENT') return why;
  if (code === 'EPERM' && isBpffs(dirname(path)) === true) {
    return (
      dotted(path) ?? 'the folder allows no pins: it belongs to the kernel, or a security module refuses'
    );
  }
  return code === 'EACCES' ? RIGHTS : dotted(path);
}

/** Why what is pinned at a path could not be opened, as far as the file system shows it. */
export function whyNotOpened(given: string, code: string): string | undefined {
  const path = resolve(given);
  if (code === 'ENOTDIR') return 'a part of the path is not a folder';
  if (code === 'ENOENT') return whyNoFolder(path) ?? 'nothing is pinned there';
  if (code !== 'EPERM' && code !== 'EACCES') return undefined;
  const found = stat(path);
  if (found !== undefined && found !== 'missing' && found.isDirectory()) return 'it is a folder';
  if (isBpffs(path) === false) return 'it is not in a bpffs: nothing can be pinned there';
  return (
    (code === 'EPERM' ? dotted(path) : undefined) ??
    `this process may not open it: see its owner and mode, and those of the folders above it`
  );
}

/** Why a pin could not be removed. */
export function whyNotRemoved(code: string): string | undefined {
  return code === 'EPERM' || code === 'EACCES' ? RIGHTS : undefined;
}
