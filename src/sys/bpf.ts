import { ATTR_MAX_SIZE, type CommandAttrs, commands, encodeAttr, readAttr } from '../abi/index.ts';
import { native } from './binding.ts';

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
 * EINTR is retried, as is EAGAIN of `prog_load`.
 */
export function bpf<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C]): number {
  const binding = native();
  const size = encodeAttr(command, attr, scratch, binding.address);
  const result = binding.bpf(commands.number(command), scratch, size);
  readOutputs(command, attr, scratch);
  return result;
}

/** {@link bpf} on a worker thread; the buffers in `attr` are kept until it is over. */
export async function bpfAsync<C extends keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
): Promise<number> {
  const binding = native();
  const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  const size = encodeAttr(command, attr, view, binding.address);
  const result = await binding.bpfAsync(commands.number(command), view, size, attr);
  readOutputs(command, attr, view);
  return result;
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
