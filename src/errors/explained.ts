import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { errnoName } from './errno.ts';

/** What a refused system call says, before anybody has looked for the cause. */
export interface BareErrorInit extends Omit<BpfErrorInit, 'code'> {
  readonly errno: number;
  readonly syscall: string;
}

/** An error that says no more than its errno. */
export interface BareError extends BpfError {
  readonly errno: number;
}

const bare = new WeakSet<BpfError>();

/** The error of a system call that says no more than its errno; `action` completes "Cannot ...". */
export function bareError(action: string, init: BareErrorInit): BpfError {
  const code = errnoName(init.errno);
  const error = new BpfError(`Cannot ${action}: ${code}`, { ...init, code });
  bare.add(error);
  return error;
}

/** Whether an error says no more than its errno, so that an explanation may be added. */
export function isBare(error: unknown): error is BareError {
  return error instanceof BpfError && bare.has(error);
}

/**
 * Says why a system call was refused.
 *
 * @returns the cause, for the end of the sentence; or an error that takes the place of the bare one; nothing where no
 *   cause is known
 */
export type Explain = (bare: BareError) => string | BpfError | undefined;

/**
 * Adds an explanation to an error that has none. This is the only way to do so: an error that somebody closer to the
 * cause has explained passes unchanged, because its errno may belong to another call than the one that is known here.
 */
export function explained(error: BpfError, why: Explain): BpfError;
export function explained(error: unknown, why: Explain): unknown;
export function explained(error: unknown, why: Explain): unknown {
  if (!isBare(error)) return error;
  const found = why(error);
  if (found === undefined || found === '') return error;
  if (typeof found !== 'string') return found;
  // The bare error is no cause of it: it says nothing that this one does not.
  const { code, errno, syscall, command, cause } = error;
  return new BpfError(`${error.message}: ${found}`, { code, errno, syscall, command, cause });
}
