import { errnoName } from '../../errors/index.ts';
import { bpf, capabilityMask, getCapabilities, hasSeccompFilter, kernelBtf } from '../../sys/index.ts';

const NO_FD = 0xffff_ffff;

/**
 * Asks for a token of a descriptor that cannot exist: only a kernel that knows the command gets as far as looking at it,
 * and answers `EBADF`, whatever the caller's rights.
 */
function knock(): string {
  return errnoName(-bpf('token_create', { bpffs_fd: NO_FD }));
}

/** Whether BPF_TOKEN_CREATE gets as far as the kernel's own code, past all that may refuse the call itself. */
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

/** Whether the kernel has BPF tokens; `undefined` when something keeps the answer back. Needs no privilege. */
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

/** Whether this thread has CAP_BPF; CAP_SYS_ADMIN does not stand in for it when a token is made. */
export function hasCapBpf(): boolean {
  return (getCapabilities().effective & capabilityMask(['bpf'])) !== 0n;
}
