import { BpfError } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';

/** An object was used after its `close()`. Code `ERR_BPF_CLOSED`. */
export class ClosedError extends BpfError {
  override readonly name: string = 'ClosedError';

  /** @param what - the object, such as `map "counters"` */
  constructor(what: string) {
    super(`Cannot use ${what}: it is closed`, { code: 'ERR_BPF_CLOSED' });
  }

  static {
    brand(ClosedError, 'ClosedError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is ClosedError {
    return isBranded(value, 'ClosedError');
  }
}
