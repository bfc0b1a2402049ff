/** The one subtest that a child process is for. */
export interface Target {
  /** Names of the enclosing tests and suites and of the subtest, as `TestContext.fullName` joins them. */
  readonly fullName: string;
  /** Which of the calls with this full name it is, counted from 0. */
  readonly occurrence: number;
  /** The descriptor for {@link Frame}s. */
  readonly fd: number;
  /** How many of the process's Node options are the library's: the first ones. */
  readonly ownOptions: number;
}

/** A thrown value in a form that crosses the process boundary; see transport/encode-error.ts. */
export type EncodedError = unknown;

/** What the child reports to the parent, in this order. Levels count from the target, which has level 0. */
export type Frame =
  /** The enclosing tests reached the subtest. */
  | { readonly kind: 'reached' }
  | { readonly kind: 'start'; readonly level: number; readonly name: string }
  | {
      readonly kind: 'end';
      readonly level: number;
      readonly name: string;
      readonly skip?: string | true | undefined;
      readonly todo?: string | true | undefined;
      readonly diagnostics: string[];
      /** Node's name for the cause of a failure; `subtestsFailed` needs no error. */
      readonly failureType?: string | undefined;
      readonly error?: EncodedError;
    }
  /** A test or suite on the way to the subtest failed before it got there. */
  | { readonly kind: 'around'; readonly name: string; readonly error: EncodedError }
  /** An exception that nobody caught. */
  | { readonly kind: 'uncaught'; readonly error: EncodedError }
  /** The process ended with something left open; see leak-check.ts. */
  | { readonly kind: 'leaked'; readonly what: readonly string[] }
  /** Every test and hook of the file is over. */
  | { readonly kind: 'over' };

/** The state that the preload, the reporter and `runWithToken` share in a child process. */
export interface ChildState {
  readonly target: Target;
  /** `expected`: the subtest is about to start. `running` until `done`: it, and the tests inside it, may run. */
  phase: 'searching' | 'expected' | 'running' | 'done';
  send(frame: Frame): void;
}

/** The brand of the error that keeps other tests from running. */
export const BLOCKED: unique symbol = Symbol.for('ebpf-ts.testing.blocked');

/** The key of {@link ChildState} in `globalThis`: every copy of the package that the tests import finds it. */
export const STATE: unique symbol = Symbol.for('ebpf-ts.testing.child');

/** The environment variable with the {@link Target}. The preload removes it. */
export const TARGET_VARIABLE = 'EBPF_TS_TEST_TARGET';

/** The state of this process, if it is a child of `runWithToken`. */
export function childState(): ChildState | undefined {
  return (globalThis as { [STATE]?: ChildState })[STATE];
}
