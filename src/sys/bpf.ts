import { ATTR_MAX_SIZE, type CommandAttrs, commands, encodeAttr } from '../abi/index.ts';
import { native } from './binding.ts';

const scratch = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));

/**
 * bpf(2): the result, or the negated errno. Buffers in `attr` are passed by address.
 * EINTR is retried, as is EAGAIN of `prog_load`.
 */
export function bpf<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C]): number {
  const binding = native();
  const size = encodeAttr(command, attr, scratch, binding.address);
  return binding.bpf(commands.number(command), scratch, size);
}

/** {@link bpf} on a worker thread; the buffers in `attr` are kept until it is over. */
export function bpfAsync<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C]): Promise<number> {
  const binding = native();
  const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  const size = encodeAttr(command, attr, view, binding.address);
  return binding.bpfAsync(commands.number(command), view, size, attr);
}

/**
 * A bpf(2) call bound to a buffer that the caller fills: the form for hot paths. `attr` must stay attached.
 *
 * @returns a function that makes the call and returns its result, or the negated errno
 */
export function bindBpf(command: keyof CommandAttrs, attr: DataView, size: number): () => number {
  return native().bind(commands.number(command), attr, size);
}

/** The address of a buffer's first byte, for attributes that the caller lays out. */
export function addressOf(bytes: Uint8Array | ArrayBuffer | DataView): number {
  return native().address(bytes);
}
