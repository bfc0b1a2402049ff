import { errnoName } from '../errors/index.ts';
import {
  bpf,
  capabilityMask,
  deviceOf,
  getCapabilities,
  hasSeccompFilter,
  inInitialUserNamespace,
  isBpffs,
  kernelBtf,
  openDirectory,
} from '../sys/index.ts';
import type { CandidateOutcome, Refused } from './candidate.ts';
import { Token } from './token.ts';

/** Why no token was made. */
export interface Refusal extends Refused {
  readonly outcome: Exclude<CandidateOutcome, 'usable' | 'duplicate'>;
}

/** Where to make a token, and what is known of the place. */
export interface Place {
  readonly path: Uint8Array | string;
  /** The path for people. */
  readonly mount: string;
  /** The `major:minor` that must be found there, when mountinfo told it. */
  readonly device?: string | undefined;
  /** The options that mountinfo shows. */
  readonly superOptions?: readonly string[] | undefined;
}

/**
 * Asks for a token of a descriptor that cannot exist: only a kernel that knows the command gets as far as looking at it,
 * and answers `EBADF`, whatever the caller's rights.
 */
function knock(): string {
  return errnoName(-bpf('token_create', { bpffs_fd: 0xffff_ffff }));
}

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

/** Whether a mount option delegates something. */
export const isDelegation = (option: string): boolean => option.startsWith('delegate_');

function openRefusal(errno: number): Refusal {
  const code = errnoName(errno);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { outcome: 'not_found', errno, code };
  if (code === 'EACCES' || code === 'EPERM') return { outcome: 'open_refused', errno, code };
  return { outcome: 'unexpected', errno, code };
}

/** Why a process with CAP_BPF is refused with EPERM. */
function refusedWithCapBpf(): Refusal['outcome'] {
  if (knock() !== 'EBADF') return kernelHasTokens() === false ? 'no_kernel_support' : 'call_refused';
  try {
    // The kernel looks at whose bpffs it is first.
    if (inInitialUserNamespace()) return 'initial_user_namespace';
  } catch {
    // Without /proc it cannot be told, and the kernel's own order of checks makes the other the likelier one.
  }
  return 'other_user_namespace';
}

function createRefusal(errno: number, place: Place): Refusal {
  const code = errnoName(errno);
  const outcome = ((): Refusal['outcome'] => {
    switch (code) {
      case 'ENOENT':
        return 'nothing_delegated';
      case 'EOPNOTSUPP':
        return 'initial_user_namespace';
      case 'EPERM':
        if (hasCapBpf()) return refusedWithCapBpf();
        // Without CAP_BPF the kernel does not get as far as looking at what is delegated; mountinfo shows it.
        return place.superOptions?.some(isDelegation) === false ? 'nothing_delegated' : 'no_cap_bpf';
      case 'EINVAL':
        if (kernelHasTokens() === false) return 'no_kernel_support';
        if (knock() !== 'EBADF') return 'call_refused';
        return isBpffs(place.path) === true && place.superOptions !== undefined ? 'unexpected' : 'not_bpffs';
      default:
        if (kernelHasTokens() === false) return 'no_kernel_support';
        return knock() === 'EBADF' ? 'unexpected' : 'call_refused';
    }
  })();
  return { outcome, errno, code };
}

/** Tries to make a token: BPF_TOKEN_CREATE. Never throws for what the kernel or the file system says. */
export function tryCreateToken(place: Place): Token | Refusal {
  const directory = openDirectory(place.path);
  if (typeof directory === 'number') return openRefusal(-directory);
  try {
    if (place.device !== undefined && deviceOf(directory) !== place.device) return { outcome: 'covered' };
    const fd = bpf('token_create', { bpffs_fd: directory.value });
    return fd < 0 ? createRefusal(-fd, place) : Token.adopt(fd, place);
  } finally {
    directory.close();
  }
}
