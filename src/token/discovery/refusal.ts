import { type BpfError, type CandidateOutcome, errnoName } from '../../errors/index.ts';
import { isBpffs, knownInitialNamespace } from '../../sys/index.ts';
import type { Refused } from './candidate.ts';
import { isDelegation, type Place } from './place.ts';
import { hasCapBpf, kernelHasTokens, reachesKernel } from './support.ts';

/** Why no token was made. */
export interface Refusal extends Refused {
  readonly outcome: Exclude<CandidateOutcome, 'usable' | 'duplicate'>;
}

/** Why the directory could not be opened. */
export function openRefusal(errno: number): Refusal {
  const code = errnoName(errno);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { outcome: 'not_found', errno, code };
  if (code === 'EACCES' || code === 'EPERM') return { outcome: 'open_refused', errno, code };
  return { outcome: 'unexpected', errno, code };
}

/** Why a process with CAP_BPF is refused with EPERM. */
function refusedWithCapBpf(): Refusal['outcome'] {
  if (!reachesKernel()) return kernelHasTokens() === false ? 'no_kernel_support' : 'call_refused';
  // The kernel first checks which namespace the bpffs belongs to. So that cause is the likelier one if this process
  // cannot find out where it is.
  return knownInitialNamespace() === true ? 'initial_user_namespace' : 'other_user_namespace';
}

function createOutcome(code: string, place: Place): Refusal['outcome'] {
  switch (code) {
    case 'ENOENT':
      return 'nothing_delegated';
    case 'EOPNOTSUPP':
      return 'initial_user_namespace';
    case 'EPERM':
      if (hasCapBpf()) return refusedWithCapBpf();
      // Without CAP_BPF the kernel does not look at what is delegated. mountinfo shows it.
      return place.superOptions?.some(isDelegation) === false ? 'nothing_delegated' : 'no_cap_bpf';
    case 'EINVAL':
      if (kernelHasTokens() === false) return 'no_kernel_support';
      if (!reachesKernel()) return 'call_refused';
      return isBpffs(place.path) === true && place.superOptions !== undefined ? 'unexpected' : 'not_bpffs';
    default:
      if (kernelHasTokens() === false) return 'no_kernel_support';
      return reachesKernel() ? 'unexpected' : 'call_refused';
  }
}

/** Why BPF_TOKEN_CREATE was refused. */
export function createRefusal({ code, errno }: BpfError, place: Place): Refusal {
  return { outcome: createOutcome(code, place), errno, code };
}
