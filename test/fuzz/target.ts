import type { Random } from './mutate/random.ts';

/** The input of one run: one file, or several files that belong together. */
export type Input = readonly Uint8Array[];

/** A reader that is fuzzed. */
export interface Target {
  readonly name: string;
  /** The inputs to start from. */
  seeds(next: Random): Input[];
  /** Returns a damaged copy. */
  mutate(input: Input, next: Random): Input;
  /**
   * Reads everything in the input. The errors that the reader documents are valid answers. Any other error is a
   * finding.
   *
   * @returns what the reader made, so that its size can be measured
   */
  run(input: Input): unknown;
}

/** Runs `read`. Errors of these classes are valid answers. */
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
