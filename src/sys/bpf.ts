import { ATTR_MAX_SIZE, type CommandAttrs, commands, encodeAttr, readAttr } from '../abi/index.ts';
import { native } from './binding.ts';
import { systemError } from './syscall.ts';

/** A descriptor number that is never open, as attributes take it. */
export const NO_FD = 0xffff_ffff;

const scratch = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));

type Outputs = { readonly [C in keyof CommandAttrs]?: readonly (keyof CommandAttrs[C] & string)[] };

/** The fields of the attribute itself that the kernel fills. */
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

/** Copies what the kernel has filled in to `attr`, for those fields that `attr` has. */
function readOutputs<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C], view: DataView): void {
  const fields = OUTPUTS[command];
  if (fields === undefined) return;
  for (const field of fields) {
    if (attr[field] !== undefined)
      attr[field] = readAttr(command, field, view) as CommandAttrs[C][typeof field];
  }
}

/**
 * bpf(2): the result, or the negated errno. Buffers in `attr` are passed by address. Fields that the kernel fills in,
 * such as `info_len`, `retval` or `log_true_size`, are updated in `attr` if they are given there. The call is repeated
 * after EINTR if nothing has happened by then, so not for `prog_test_run` and batches, and after EAGAIN of `prog_load`.
 *
 * Why this is safe: `attr` is the library's own object, so encoding it runs no foreign code. The addresses are taken
 * during the encoding, and the call follows at once. Code that puts a caller's memory into `attr` takes it by
 * `bytesOf`, so that its size is the true one.
 *
 * @param keep - holds memory whose addresses are inside the buffers in `attr`, so that `attr` itself does not hold it
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
 * {@link bpf} on its own thread. The buffers in `attr` are kept until it is over.
 *
 * Why this is safe: JavaScript runs meanwhile, so all memory in `attr` must be the library's own, which nobody else
 * can detach, change or resize. `Program.load` therefore copies what it is given.
 *
 * @throws BpfError if no thread can be started
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

/** The address of bytes that will not move. Engines move small arrays when their `buffer` is read, so read it first. */
function settledAddress(bytes: Uint8Array): number {
  return native().address(bytes.buffer as ArrayBuffer) + bytes.byteOffset;
}

/**
 * A bpf(2) call that is bound to a buffer which the caller fills: the form for hot paths. `attr` must stay attached.
 *
 * Why this is safe: the addresses were taken when `attr` was filled. The call holds both `attr`, which nobody else can
 * see, and `memory`, which `attr` points to. A caller that shows `memory` to foreign code, such as codecs, checks right
 * before each call that it is still attached.
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
 * The address of a buffer's first byte, for attributes that the caller lays out. It is valid until foreign JavaScript
 * runs, and only while the buffer is referenced.
 */
export function addressOf(bytes: Uint8Array | ArrayBuffer | DataView): number {
  return native().address(bytes);
}
