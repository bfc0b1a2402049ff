import type { Command } from '../../abi/index.ts';
import { checkInteger, type Explain, U32 } from '../../errors/index.ts';
import { capabilityMask, getCapabilities } from '../capabilities.ts';
import type { Fd } from '../fd.ts';
import { inInitialUserNamespace } from '../namespace.ts';
import { otherRefusers } from '../seccomp.ts';
import { open, tryCall } from './call.ts';

/** The kinds of objects that have an id and can be opened by it without a token. */
export type IdentifiedKind = 'map' | 'program' | 'link';

/** Why a command that needs CAP_SYS_ADMIN in the initial user namespace, and takes no token, failed with EPERM. */
export function whyAdminOnly(): string {
  const needs = 'needs CAP_SYS_ADMIN in the initial user namespace';
  if ((getCapabilities().effective & capabilityMask(['sys_admin'])) === 0n) {
    return `it ${needs}, which this process lacks`;
  }
  try {
    if (inInitialUserNamespace()) return `this process has CAP_SYS_ADMIN: ${otherRefusers()}`;
  } catch {
    return `it ${needs}, and the user namespace of this process is not known; ${otherRefusers()}`;
  }
  return `it ${needs}, and this process is in another one`;
}

const whyNotOpened =
  (kind: IdentifiedKind): Explain =>
  ({ code }) => {
    if (code === 'ENOENT') return `no ${kind} has this id`;
    if (code === 'EACCES') return otherRefusers();
    if (code !== 'EPERM') return undefined;
    return `${whyAdminOnly()}; a pinned object can be opened by its path`;
  };

/**
 * Opens the object with this id.
 *
 * @param flags - for maps: BPF_F_RDONLY or BPF_F_WRONLY
 * @throws TypeError, RangeError if it cannot be an id
 * @throws BpfError `ENOENT` if no object of this kind has it, `EPERM` without CAP_SYS_ADMIN in the initial user
 *   namespace
 */
export function openById(kind: IdentifiedKind, id: number, flags = 0): Fd {
  checkInteger('id', id, ...U32);
  const what = `${kind} ${id}`;
  const why = whyNotOpened(kind);
  switch (kind) {
    case 'map':
      return open('map_get_fd_by_id', { map_id: id, open_flags: flags }, what, `open ${what}`, why);
    case 'program':
      return open('prog_get_fd_by_id', { prog_id: id }, what, `open ${what}`, why);
    case 'link':
      return open('link_get_fd_by_id', { link_id: id }, what, `open ${what}`, why);
  }
}

/** The kinds of objects whose ids the kernel lists. */
export type ListedKind = IdentifiedKind | 'btf';

const NEXT = {
  map: 'map_get_next_id',
  program: 'prog_get_next_id',
  link: 'link_get_next_id',
  btf: 'btf_get_next_id',
} as const satisfies Record<ListedKind, Command>;

/**
 * The ids of all objects of a kind, in ascending order. Needs CAP_SYS_ADMIN in the initial user namespace.
 *
 * @param action - what they are listed for; completes "Cannot ..."
 * @throws BpfError `EPERM`
 */
export function* objectIds(kind: ListedKind, action: string): Generator<number, void> {
  const command = NEXT[kind];
  for (let start_id = 0; ; ) {
    const attr = { start_id, next_id: 0 };
    const result = tryCall(command, attr, action);
    if (typeof result !== 'number') {
      if (result.code === 'ENOENT') return;
      throw result;
    }
    start_id = attr.next_id;
    yield start_id;
  }
}
