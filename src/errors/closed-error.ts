import { BpfError } from './bpf-error.ts';

/** An object was used after its `close()`. Code `ERR_BPF_CLOSED`. */
export class ClosedError extends BpfError {
  override readonly name: string = 'ClosedError';

  /** @param what - the object and the action, such as `map "counters"` */
  constructor(what: string) {
    super(`Cannot use ${what}: it is closed`, { code: 'ERR_BPF_CLOSED' });
  }
}
