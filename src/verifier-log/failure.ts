import { BpfError, isBare, VerifierError } from '../errors/index.ts';
import { capabilityMask, getCapabilities } from '../sys/index.ts';

/** The end of a load that failed. */
export interface Failed {
  /** The error of the attempt without a log, or of the only attempt. */
  readonly first: BpfError;
  readonly last: BpfError;
  readonly log: string;
  readonly truncated: boolean;
}

/**
 * A log that says what is wrong means that the verifier refused. Without one, or with nothing but the statistics of a
 * verification that went well, the system call's own error says it.
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
  // The first attempt, which had no log that could have meant the verifier, has its explanation.
  return refused.lastLine === '' ? first : refused;
}

/** What the verifier says where callers with CAP_PERFMON may do more. */
const PRIVILEGED = /cannot use helper|unknown func |pointer (arithmetic|comparison)|back-edge|leaks addr/;

/** The verifier takes a missing capability for a lack of the kernel's, and does not speak of it. */
function hint(log: string): string | undefined {
  const [perfmon, admin] = [capabilityMask(['perfmon']), capabilityMask(['sys_admin'])];
  if (!PRIVILEGED.test(log) || (getCapabilities().effective & (perfmon | admin)) !== 0n) return undefined;
  return 'this process lacks CAP_PERFMON, without which the verifier forbids some helpers and some uses of pointers';
}
