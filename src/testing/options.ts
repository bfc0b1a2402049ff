import type { TokenEnvironment } from './spawn-with-token.ts';

/** Options of `runWithToken`. */
export interface RunWithTokenOptions extends Omit<TokenEnvironment, 'delegation'> {
  /**
   * Milliseconds until the test is given up and everything it started is killed: 0 to 2147483647, or Infinity, the
   * default, for no limit.
   */
  readonly timeout?: number | undefined;
  /** Whether to skip the test, and why, as in node:test. */
  readonly skip?: boolean | string | undefined;
  readonly todo?: boolean | string | undefined;
  readonly only?: boolean | undefined;
}
