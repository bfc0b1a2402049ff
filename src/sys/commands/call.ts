import type { Command, CommandAttrs } from '../../abi/index.ts';
import type { BpfError, Explain } from '../../errors/index.ts';
import { bpf } from '../bpf.ts';
import { Fd } from '../fd.ts';
import { systemError } from '../syscall.ts';

/**
 * A bpf(2) command that may be refused. It is for probes, which judge by the errno; the other functions here throw.
 *
 * @param action - completes "Cannot ..."
 * @returns the result, or the error with action, command and errno
 */
export function tryCall<C extends Command & keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
  action: string,
  explain?: Explain,
  keep?: object,
): number | BpfError {
  const result = bpf(command, attr, keep);
  return result < 0 ? systemError(action, 'bpf', -result, command, explain) : result;
}

/**
 * A bpf(2) command that must succeed.
 *
 * @param action - completes "Cannot ..."
 * @param explain - the cause of a refusal, if it is known
 * @param keep - holds memory whose addresses are inside the buffers in `attr`, so that `attr` itself does not hold it
 * @throws BpfError with action, command and errno
 */
export function call<C extends Command & keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
  action: string,
  explain?: Explain,
  keep?: object,
): number {
  const result = tryCall(command, attr, action, explain, keep);
  if (typeof result !== 'number') throw result;
  return result;
}

/**
 * {@link call} for a command that opens a descriptor.
 *
 * @param what - what is opened, for later errors
 */
export function open<C extends Command & keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
  what: string,
  action: string,
  explain?: Explain,
): Fd {
  return Fd.adopt(call(command, attr, action, explain), what);
}
