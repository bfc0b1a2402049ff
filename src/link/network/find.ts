import { linkTypes } from '../../abi/index.ts';
import { BpfError, ERRNO } from '../../errors/index.ts';
import { type Fd, linkInfo, objectIds, openById } from '../../sys/index.ts';

/** Opens a link; `undefined` if it is gone. */
function openIfThere(id: number): Fd | undefined {
  try {
    return openById('link', id);
  } catch (error) {
    if (BpfError.is(error) && error.errno === ERRNO.ENOENT) return undefined;
    throw error;
  }
}

/** A link, and the program that it attaches, by their ids. */
export interface FoundLink {
  readonly id: number;
  readonly programId: number;
}

/**
 * The XDP links to interfaces with this index, in all network namespaces, because links do not say which
 * namespace they are in. `undefined` if this process may not see all links (CAP_SYS_ADMIN).
 */
export function xdpLinks(interfaceIndex: number): FoundLink[] | undefined {
  const found: FoundLink[] = [];
  try {
    for (const id of objectIds('link', 'look for XDP links')) {
      using link = openIfThere(id);
      if (link === undefined) continue;
      const { type, xdp, prog_id } = linkInfo(link);
      if (linkTypes.name(type) === 'xdp' && xdp?.ifindex === interfaceIndex)
        found.push({ id, programId: prog_id });
    }
    return found;
  } catch (error) {
    if (BpfError.is(error) && error.syscall === 'bpf') return undefined;
    throw error;
  }
}
