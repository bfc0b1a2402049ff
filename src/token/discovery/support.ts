import { errnoName } from '../../errors/index.ts';
import { bpf, capabilityMask, getCapabilities, hasSeccompFilter, kernelBtf } from '../../sys/index.ts';

const NO_FD = 0xffff_ffff;

/**
 * Asks for a token of a descriptor that cannot exist. A kernel that knows the command looks at the descriptor and
 * answers `EBADF`, whatever the caller's rights.
 */
function knock(): string {
  return errnoName(-bpf('token_create', { bpffs_fd: NO_FD }));
}

/** Whether BPF_TOKEN_CREATE reaches the kernel's own code: nothing refuses the call itself. */
export const reachesKernel = (): boolean => knock() === 'EBADF';

/** Whether the kernel's BTF has the command; `undefined` without BTF. */
function btfHasTokens(): boolean | undefined {
  try {
    const known = kernelBtf().byName('bpf_cmd', 'enum');
    return known?.values.some(({ name }) => name === 'BPF_TOKEN_CREATE');
  } catch {
    return undefined;
  }
}

let support: boolean | undefined;

/** Whether the kernel has BPF tokens; `undefined` when this process cannot find out. Needs no privilege. */
export function kernelHasTokens(): boolean | undefined {
  if (support === undefined) {
    const code = knock();
    if (code === 'EBADF') support = true;
    // A seccomp filter can answer with any errno.
    else if (code === 'EINVAL' && hasSeccompFilter() === false) support = false;
    else support = btfHasTokens() ?? (code === 'EINVAL' ? false : undefined);
  }
  return support;
}

/** Whether this thread has CAP_BPF. CAP_SYS_ADMIN does not replace it when a token is made. */
export function hasCapBpf(): boolean {
  return (getCapabilities().effective & capabilityMask(['bpf'])) !== 0n;
}
