import type { BpfError } from '../errors/index.ts';

/**
 * What a probe found out about the kernel.
 *
 * - `yes`, `no`: the kernel has it, or has it not, for every process
 * - `denied`: the kernel's own types do not tell, and this process may not try it; `error` says which
 *   permission is missing
 * - `unknown`: trying failed for a reason that says nothing about the feature, such as want of memory,
 *   or there is no way to try
 *
 * `yes` does not mean that this process may use it: for that, use it.
 */
export type Answer =
  | { readonly answer: 'yes' }
  | { readonly answer: 'no' }
  | { readonly answer: 'denied'; readonly error: BpfError }
  | { readonly answer: 'unknown'; readonly cause: Error };

export const YES: Answer = Object.freeze({ answer: 'yes' });
export const NO: Answer = Object.freeze({ answer: 'no' });

export function denied(error: BpfError): Answer {
  return { answer: 'denied', error };
}

export function unknown(cause: Error | string): Answer {
  return { answer: 'unknown', cause: typeof cause === 'string' ? new Error(cause) : cause };
}

/** What BTF or a table proves: a yes, a no, or nothing. */
export function fromFact(fact: boolean | undefined): Answer | undefined {
  return fact === undefined ? undefined : fact ? YES : NO;
}
