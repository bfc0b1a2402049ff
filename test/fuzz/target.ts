import type { Random } from './mutate/random.ts';

/** What is read at once: one file, or several that belong together. */
export type Input = readonly Uint8Array[];

/** A reader that is fuzzed. */
export interface Target {
  readonly name: string;
  /** Inputs to start from. */
  seeds(next: Random): Input[];
  /** A damaged copy. */
  mutate(input: Input, next: Random): Input;
  /**
   * Reads everything there is. Errors that the reader documents are answers; anything else thrown is a finding.
   *
   * @returns what has been made, so that its size can be measured
   */
  run(input: Input): unknown;
}

/** Runs `read`; errors of these classes are answers. */
export function tolerate<T>(
  read: () => T,
  ...answers: readonly (abstract new (
    ...args: never[]
  ) => Error)[]
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (answers.some((answer) => error instanceof answer)) return undefined;
    throw error;
  }
}
