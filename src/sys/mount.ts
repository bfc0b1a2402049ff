import { Fd } from './fd.ts';
import { syscall } from './syscall.ts';
import { AT_FDCWD } from './uapi.ts';

// include/uapi/linux/mount.h
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** Opens a file system for configuration: fsopen(2). Its superblock belongs to the caller's user namespace. */
export function fsopen(type: string): Fd {
  return Fd.adopt(syscall(`open a ${type} file system`, 'fsopen', type, FSOPEN_CLOEXEC), `${type} context`);
}

/** Sets a mount option: fsconfig(2) with a string, or as a flag if there is no value. */
export function fsconfigSet(context: Fd, key: string, value?: string): void {
  const action = `set the mount option ${value === undefined ? key : `${key}=${value}`}`;
  if (value === undefined) syscall(action, 'fsconfig', context.value, FSCONFIG_SET_FLAG, key, null, 0);
  else syscall(action, 'fsconfig', context.value, FSCONFIG_SET_STRING, key, value, 0);
}

/** Creates the superblock: FSCONFIG_CMD_CREATE. */
export function fsconfigCreate(context: Fd): void {
  syscall(`create the ${context.what}`, 'fsconfig', context.value, FSCONFIG_CMD_CREATE, null, null, 0);
}

/** Makes a mount of a created superblock, which is not attached anywhere yet: fsmount(2). */
export function fsmount(context: Fd): Fd {
  return Fd.adopt(
    syscall(`mount the ${context.what}`, 'fsmount', context.value, FSMOUNT_CLOEXEC, 0),
    'mount',
  );
}

/** Attaches a mount at a path: move_mount(2). */
export function moveMount(mount: Fd, path: string): void {
  syscall(
    `attach a mount at ${path}`,
    'move_mount',
    mount.value,
    '',
    AT_FDCWD,
    path,
    MOVE_MOUNT_F_EMPTY_PATH,
  );
}

/** Mounts a new file system at a path, in one go. */
export function mountFileSystem(
  type: string,
  path: string,
  options: Readonly<Record<string, string>> = {},
): void {
  using context = fsopen(type);
  for (const [key, value] of Object.entries(options)) fsconfigSet(context, key, value);
  fsconfigCreate(context);
  using mount = fsmount(context);
  moveMount(mount, path);
}

/** Detaches the mount at a path: umount2(2). With `lazy`, a mount that is in use ends when nobody uses it any more. */
export function unmount(path: string, options: { readonly lazy?: boolean | undefined } = {}): void {
  const flags = UMOUNT_NOFOLLOW | (options.lazy === true ? MNT_DETACH : 0);
  syscall(`unmount ${path}`, 'umount2', path, flags);
}
