import { type BpfError, ERRNO } from '../../errors/index.ts';
import {
  getCapabilities,
  knownInitialNamespace,
  lockedMemoryLimit,
  otherRefusers,
  systemError,
} from '../../sys/index.ts';
import { type Attempt, actionOf, type Need, takesToken } from '../choice/index.ts';
import { ambientOfAllMounts, kernelHasTokens, PATH_VARIABLE, Token } from '../discovery/index.ts';
import { explain } from './explain.ts';
import type { Facts } from './facts.ts';

/** How to turn tokens on again, if the caller or the environment turned them off. */
function turnedOff({ option, ambient }: Attempt): string | undefined {
  if (option === 'off') return 'leave out the option token: "off"';
  return ambient?.mode === 'off' ? `unset ${PATH_VARIABLE}, which is empty` : undefined;
}

/** Collects the facts after EPERM. */
function factsOf({ command }: Need, attempt: Attempt): Facts {
  const { option } = attempt;
  const initial = knownInitialNamespace();
  const found = option === 'ambient' ? ambientOfAllMounts() : undefined;
  return {
    initial,
    off: turnedOff(attempt),
    kernelTokens: initial === true ? undefined : kernelHasTokens(),
    commandTokens: takesToken(command),
    tokens: option instanceof Token ? [option] : (found?.tokens ?? []),
    candidates: found?.candidates ?? [],
    effective: getCapabilities().effective,
    lockedMemoryLimit: initial === true ? lockedMemoryLimit() : undefined,
    others: otherRefusers(),
  };
}

/** Whether the kernel has written to the caller's log; `undefined` if the caller gave none. */
function hasWritten(log: unknown): boolean | undefined {
  return log instanceof Uint8Array ? (log[0] ?? 0) !== 0 : undefined;
}

/** The error for a call that failed for good. */
export function refusal(need: Need, attempt: Attempt, errno: number): BpfError {
  const written = 'log' in need ? hasWritten(need.log) : false;
  // If the verifier refused, the permission checks were passed, and its log says more.
  if (errno === ERRNO.EPERM && written !== true) return explain(need, factsOf(need, attempt));
  // Without a log the verifier may have refused.
  const why = ({ code }: BpfError): string | undefined =>
    code === 'EACCES' && written === false ? otherRefusers() : undefined;
  return systemError(actionOf(need), 'bpf', errno, need.command, why);
}
