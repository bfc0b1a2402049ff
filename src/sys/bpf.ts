import { ATTR_MAX_SIZE, type CommandAttrs, commands, encodeAttr, readAttr } from '../abi/index.ts';
import { native } from './binding.ts';
import { systemError } from './syscall.ts';

/** A descriptor that is never open, as attributes have it. */
export const NO_FD = 0xffff_ffff;

const scratch = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));

type Outputs = { readonly [C in keyof CommandAttrs]?: readonly (keyof CommandAttrs[C] & string)[] };

/** The fields that the kernel fills in the attribute itself. */
const OUTPUTS: Outputs = {
  prog_load: ['log_true_size'],
  btf_load: ['btf_log_true_size'],
  obj_get_info_by_fd: ['info_len'],
  prog_test_run: ['retval', 'duration', 'data_size_out', 'ctx_size_out'],
  prog_get_next_id: ['next_id'],
  map_get_next_id: ['next_id'],
  btf_get_next_id: ['next_id'],
  link_get_next_id: ['next_id'],
};

/** Puts what the kernel has filled in into those of these fields that `attr` has. */
function readOutputs<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C], view: DataView): void {
  const fields = OUTPUTS[command];
  if (fields === undefined) return;
  for (const field of fields) {
    if (attr[field] !== undefined)
      attr[field] = readAttr(command, field, view) as CommandAttrs[C][typeof field];
  }
}

/**
 * bpf(2): the result, or the negated errno. Buffers in `attr` are passed by address. Fields that the kernel
 * fills in, such as `info_len`, `retval` or `log_true_size`, are updated in `attr` when they are given there.
 * EINTR is retried where nothing has happened by then, so not for `prog_test_run` and batches; EAGAIN of `prog_load`.
 *
 * Why this is safe: `attr` is the library's own object, so encoding it runs no foreign code; the addresses are taken
 * there, and the call follows. Code that puts a caller's memory into `attr` takes it by `bytesOf`, so that
 * its size is the true one.
 *
 * @param keep - holds the memory whose addresses are in the buffers in `attr`, and so is not seen there
 */
export function bpf<C extends keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
  keep: object = attr,
): number {
  const binding = native();
  const size = encodeAttr(command, attr, scratch, binding.address);
  const result = binding.bpf(commands.number(command), scratch, size, keep);
  readOutputs(command, attr, scratch);
  return result;
}

/**
 * {@link bpf} on a thread of its own; the buffers in `attr` are kept until it is over.
 *
 * Why this is safe: JavaScript runs meanwhile, so all memory in `attr` must be the library's own, which nobody else
 * can detach, change or resize: `Program.load` copies what it is given.
 *
 * @throws BpfError when no thread can be started
 */
export async function bpfAsync<C extends keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
): Promise<number> {
  const binding = native();
  const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  const size = encodeAttr(command, attr, view, settledAddress);
  const pending = binding.bpfAsync(commands.number(command), view, size, attr);
  if (typeof pending === 'number') throw systemError('start a thread', 'clone', -pending);
  const result = await pending;
  readOutputs(command, attr, view);
  return result;
}

/** The address of bytes that stay where they are: engines move small arrays when their buffer is asked for. */
function settledAddress(bytes: Uint8Array): number {
  return native().address(bytes.buffer as ArrayBuffer) + bytes.byteOffset;
}

/**
 * A bpf(2) call bound to a buffer that the caller fills: the form for hot paths. `attr` must stay attached.
 *
 * Why this is safe: the addresses were taken when `attr` was filled. The call holds both `attr`, which nobody else gets
 * to see, and `memory`, which is what it points to; a caller that shows `memory` to foreign code, such as codecs, looks
 * right before each call whether it is still attached.
 *
 * @returns a function that makes the call and returns its result, or the negated errno
 */
export function bindBpf(
  command: keyof CommandAttrs,
  attr: DataView,
  size: number,
  memory: object = attr,
): () => number {
  return native().bind(commands.number(command), attr, size, memory);
}

/**
 * The address of a buffer's first byte, for attributes that the caller lays out. Good until JavaScript that is not the
 * library's runs, and only as long as the buffer is referenced.
 */
export function addressOf(bytes: Uint8Array | ArrayBuffer | DataView): number {
  return native().address(bytes);
}
