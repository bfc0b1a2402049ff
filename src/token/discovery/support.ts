import { commands } from '../../abi/index.ts';
import {
  capabilityMask,
  getCapabilities,
  hasSeccompFilter,
  kernelEnumHas,
  NO_FD,
  tryCall,
} from '../../sys/index.ts';

/**
 * Asks for a token of a descriptor that cannot exist. A kernel that knows the command looks at the descriptor and
 * answers `EBADF`, whatever the caller's rights.
 */
function knock(): string {
  const refused = tryCall('token_create', { bpffs_fd: NO_FD }, 'see whether the kernel has BPF tokens');
  return typeof refused === 'number' ? '' : refused.code;
}

/** Whether BPF_TOKEN_CREATE reaches the kernel's own code: nothing refuses the call itself. */
export const reachesKernel = (): boolean => knock() === 'EBADF';

let support: boolean | undefined;

/** Whether the kernel has BPF tokens; `undefined` when this process cannot find out. Needs no privilege. */
export function kernelHasTokens(): boolean | undefined {
  if (support === undefined) {
    const code = knock();
    if (code === 'EBADF') support = true;
    // A seccomp filter can answer with any errno.
    else if (code === 'EINVAL' && hasSeccompFilter() === false) support = false;
    else
      support =
        kernelEnumHas('bpf_cmd', commands.number('token_create')) ?? (code === 'EINVAL' ? false : undefined);
  }
  return support;
}

/** Whether this thread has CAP_BPF. CAP_SYS_ADMIN does not replace it when a token is made. */
export function hasCapBpf(): boolean {
  return (getCapabilities().effective & capabilityMask(['bpf'])) !== 0n;
}
