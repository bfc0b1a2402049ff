import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';
import { checkInit } from './init.ts';

/** What a {@link NotSupportedError} is made from. */
export interface NotSupportedInit extends Partial<BpfErrorInit> {
  /** What is missing, in the kernel's words: `map type arena`, `BPF tokens`. */
  readonly feature: string;
  /** The kernel version that brought it, such as `6.9`, or the operating system that has it. */
  readonly since?: string | undefined;
}

/** The running kernel or operating system lacks a feature. Code `ERR_BPF_NOT_SUPPORTED`. */
export class NotSupportedError extends BpfError {
  override readonly name: string = 'NotSupportedError';
  readonly feature: string;
  readonly since: string | undefined;

  constructor(message: string, init: NotSupportedInit) {
    checkInit('NotSupportedError', init, ['feature']);
    super(message, { ...init, code: 'ERR_BPF_NOT_SUPPORTED' });
    this.feature = init.feature;
    this.since = init.since;
  }

  static {
    brand(NotSupportedError, 'NotSupportedError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is NotSupportedError {
    return isBranded(value, 'NotSupportedError');
  }
}
