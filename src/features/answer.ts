import type { BpfError } from '../errors/index.ts';

/**
 * What a probe found out about the kernel.
 *
 * - `yes`, `no`: the kernel has it, or does not have it, for every process
 * - `denied`: the kernel's own types do not show it, and this process may not try it; `error` says which
 *   permission is missing
 * - `unknown`: trying failed for a reason that says nothing about the feature, such as too little memory,
 *   or there is no way to try
 *
 * `yes` does not mean that this process may use it. To find that out, use it.
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

/** The answer that BTF or a table proves; `undefined` if it proves nothing. */
export function fromFact(fact: boolean | undefined): Answer | undefined {
  return fact === undefined ? undefined : fact ? YES : NO;
}
