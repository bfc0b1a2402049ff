import { brand, isBranded } from './brand.ts';
import type { ErrorCode } from './codes.ts';
import { checkInit } from './init.ts';

/** What a {@link BpfError} is made from. */
export interface BpfErrorInit {
  /** `EPERM` and the like when the kernel refused, `ERR_BPF_...` when the library did. */
  readonly code: ErrorCode;
  /** The positive errno, when a system call failed. */
  readonly errno?: number | undefined;
  /** The system call that failed, such as `bpf` or `fsopen`. */
  readonly syscall?: string | undefined;
  /** The bpf(2) command that failed, such as `map_create`. */
  readonly command?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base of every error this library throws for a reason other than a wrong argument
 * (those are `TypeError` and `RangeError`).
 *
 * Two copies of the library in one process recognise each other's errors: use
 * {@link BpfError.is} instead of `instanceof` where that matters, or the `is` of the class in question.
 */
export class BpfError extends Error {
  override readonly name: string = 'BpfError';
  readonly code: ErrorCode;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly command: string | undefined;

  /** @throws TypeError without a code */
  constructor(message: string, init: BpfErrorInit) {
    checkInit('BpfError', init, ['code']);
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.errno = init.errno;
    this.syscall = init.syscall;
    this.command = init.command;
  }

  static {
    brand(BpfError, 'BpfError');
  }

  /** Whether `value` is an error of this library, whichever copy of it made the error. */
  static is(value: unknown): value is BpfError {
    return isBranded(value, 'BpfError');
  }

  /**
   * Looks through this error and its causes for the first that `test` accepts.
   *
   * @returns that error, or `undefined`
   */
  walk(test: (error: unknown) => boolean): unknown {
    const seen = new Set<unknown>();
    for (let error: unknown = this; error !== undefined && !seen.has(error); ) {
      if (test(error)) return error;
      seen.add(error);
      error = error instanceof Error ? error.cause : undefined;
    }
    return undefined;
  }
}
