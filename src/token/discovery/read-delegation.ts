import { BpfError } from '../../errors/index.ts';
import { type Fd, readFdinfo, tokenInfo } from '../../sys/index.ts';
import { Delegation } from '../delegation/index.ts';

/** Where the permissions of a token were read. */
export type DelegationSource =
  /** BPF_OBJ_GET_INFO_BY_FD: exact. Linux 6.17. */
  | 'info'
  /** /proc/self/fdinfo: exact, but `any` stands for every bit the kernel knows. Linux 6.9. */
  | 'fdinfo'
  /** The mount's options: without the bits the kernel does not know. */
  | 'mountinfo'
  /** Nowhere: no /proc and an old kernel. The library assumes that everything is delegated; the kernel decides. */
  | 'unknown';

function readInfo(fd: Fd): Delegation | undefined {
  try {
    const { allowed_cmds, allowed_maps, allowed_progs, allowed_attachs } = tokenInfo(fd);
    return Delegation.from({
      cmds: allowed_cmds,
      maps: allowed_maps,
      progs: allowed_progs,
      attachs: allowed_attachs,
    });
  } catch (error) {
    // An older kernel.
    if (BpfError.is(error)) return undefined;
    throw error;
  }
}

/**
 * Reads what a token permits, from the first source that has it.
 *
 * @param superOptions - the options that mountinfo shows, if it was read
 */
export function readDelegation(
  fd: Fd,
  superOptions: readonly string[] | undefined,
): { delegation: Delegation; source: DelegationSource } {
  const info = readInfo(fd);
  if (info !== undefined) return { delegation: info, source: 'info' };
  const fdinfo = Delegation.fromFdinfo(readFdinfo(fd) ?? '');
  if (fdinfo !== undefined) return { delegation: fdinfo.delegation, source: 'fdinfo' };
  if (superOptions !== undefined) {
    return { delegation: Delegation.fromMountOptions(superOptions).delegation, source: 'mountinfo' };
  }
  return { delegation: Delegation.any, source: 'unknown' };
}
