import { BpfError, isBare, VerifierError } from '../errors/index.ts';
import { capabilityMask, getCapabilities } from '../sys/index.ts';

/** How a load failed. */
export interface Failed {
  /** The error of the attempt without a log, or of the only attempt. */
  readonly first: BpfError;
  readonly last: BpfError;
  readonly log: string;
  readonly truncated: boolean;
}

/**
 * Makes the error of a load that failed. If the log says what is wrong, the verifier refused. If the log is empty, or
 * has only the statistics of a successful verification, the error of the system call is the right one.
 */
export function failure(what: string, { first, last, log, truncated }: Failed): BpfError {
  const error = last.code === first.code ? last : first;
  if (error.errno === undefined) return error;
  const { errno, syscall, command } = error;
  if (error.code === 'EAGAIN') {
    const text = `Cannot ${what}: EAGAIN: signals to this thread interrupted the verification every time it was restarted`;
    return new BpfError(text, { code: error.code, errno, syscall, command, cause: error });
  }
  if (log === '' || !isBare(last)) return error;
  const init = { errno, syscall, command, log, truncated, hint: hint(log), cause: error };
  const refused = new VerifierError(what, init);
  // The error of the first attempt has the explanation: without a log it could not be taken for one of the verifier.
  return refused.lastLine === '' ? first : refused;
}

/** What the verifier says if callers with CAP_PERFMON may do more. */
const PRIVILEGED = /cannot use helper|unknown func |pointer (arithmetic|comparison)|back-edge|leaks addr/;

/** If a capability is missing, the verifier says only that the kernel lacks something. The hint names it. */
function hint(log: string): string | undefined {
  const [perfmon, admin] = [capabilityMask(['perfmon']), capabilityMask(['sys_admin'])];
  if (!PRIVILEGED.test(log) || (getCapabilities().effective & (perfmon | admin)) !== 0n) return undefined;
  return 'this process lacks CAP_PERFMON, without which the verifier forbids some helpers and some uses of pointers';
}
