import { type BpfError, checkInteger, explained } from '../errors/index.ts';
import { bpf } from './bpf.ts';
import { capabilityMask, getCapabilities } from './capabilities.ts';
import { Fd } from './fd.ts';
import { inInitialUserNamespace } from './namespace.ts';
import { otherRefusers } from './seccomp.ts';
import { systemError } from './syscall.ts';

/** What has an id of its own, and can be opened by it without a token. */
export type IdentifiedKind = 'map' | 'program' | 'link';

/** Why a command that takes CAP_SYS_ADMIN in the initial user namespace, and no token, was refused with EPERM. */
export function whyAdminOnly(): string {
  const needs = 'needs CAP_SYS_ADMIN in the initial user namespace';
  if ((getCapabilities().effective & capabilityMask(['sys_admin'])) === 0n) {
    return `it ${needs}, which this process lacks`;
  }
  try {
    if (inInitialUserNamespace()) return `this process has CAP_SYS_ADMIN: ${otherRefusers()}`;
  } catch {
    return `it ${needs}, and the user namespace of this process cannot be told; ${otherRefusers()}`;
  }
  return `it ${needs}, and this process is in another one`;
}

function call(kind: IdentifiedKind, id: number, flags: number): number {
  switch (kind) {
    case 'map':
      return bpf('map_get_fd_by_id', { map_id: id, open_flags: flags });
    case 'program':
      return bpf('prog_get_fd_by_id', { prog_id: id });
    case 'link':
      return bpf('link_get_fd_by_id', { link_id: id });
  }
}

const COMMANDS: Readonly<Record<IdentifiedKind, string>> = {
  map: 'map_get_fd_by_id',
  program: 'prog_get_fd_by_id',
  link: 'link_get_fd_by_id',
};

/**
 * Opens what has this id.
 *
 * @param flags - for maps: BPF_F_RDONLY or BPF_F_WRONLY
 * @throws TypeError, RangeError for what cannot be an id
 * @throws BpfError `ENOENT` when nothing of the kind has it, `EPERM` without CAP_SYS_ADMIN in the initial user namespace
 */
export function openById(kind: IdentifiedKind, id: number, flags = 0): Fd {
  checkInteger('id', id, 0, 0xffff_ffff);
  const result = call(kind, id, flags);
  if (result >= 0) return Fd.adopt(result, `${kind} ${id}`);
  const error = systemError(`open ${kind} ${id}`, 'bpf', -result, COMMANDS[kind]);
  throw explained(error, ({ code }: BpfError) => {
    if (code === 'ENOENT') return `no ${kind} has this id`;
    if (code === 'EACCES') return otherRefusers();
    if (code !== 'EPERM') return undefined;
    return `${whyAdminOnly()}; what is pinned can be opened by its path`;
  });
}
