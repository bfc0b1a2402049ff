import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { errnoName } from './errno.ts';

/** What is known about a refused system call before the cause has been looked for. */
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
 * @returns the cause, as the end of the message; or an error to use instead of the bare one; `undefined` or an empty
 *   text if no cause is known
 */
export type Explain = (bare: BareError) => string | BpfError | undefined;

/**
 * Adds an explanation to an error that has none. This is the only way to add one. An error that has been explained
 * closer to the cause stays unchanged, because its errno may come from another call than the one the caller knows.
 */
export function explained(error: BpfError, why: Explain): BpfError;
export function explained(error: unknown, why: Explain): unknown;
export function explained(error: unknown, why: Explain): unknown {
  if (!isBare(error)) return error;
  const found = why(error);
  if (found === undefined || found === '') return error;
  if (typeof found !== 'string') return found;
  // The bare error is not the `cause` of the new one: it says nothing that the new one does not say.
  const { code, errno, syscall, command, cause } = error;
  return new BpfError(`${error.message}: ${found}`, { code, errno, syscall, command, cause });
}
