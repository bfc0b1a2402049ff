import { decodeField } from './decode.ts';
import { clear, encodeFields } from './encode.ts';
import { attrLayouts, type CommandAttrs } from './generated/attr.ts';
import type { AddressOf } from './layout.ts';

/**
 * Writes the attributes of a bpf(2) command into `view`, in the machine's byte order. Only fields that are present
 * count: the returned size ends with the last of them, so that kernels that do not know later fields accept it. A field
 * for the kernel to fill counts as well if it is given, for example as 0.
 *
 * @param view - room for the command's whole attributes ({@link ATTR_MAX_SIZE} always suffices); it is zeroed first
 * @param addressOf - how to find the address of bytes given for a 64-bit field
 * @returns the size to pass to bpf(2)
 * @throws TypeError for an unknown field or a value of the wrong type
 * @throws RangeError for a number or a text that its field cannot hold
 */
export function encodeAttr<C extends keyof CommandAttrs>(
  command: C,
  attr: CommandAttrs[C],
  view: DataView,
  addressOf: AddressOf,
): number {
  const layout = attrLayouts[command];
  clear(layout, view);
  return encodeFields(layout, attr, view, addressOf);
}

type Scalar<T> = NonNullable<T> extends number ? number : bigint;

/**
 * Reads a 32- or 64-bit field that the kernel has filled, such as `next_id` or `retval`, from attributes that
 * {@link encodeAttr} wrote. 32-bit fields are read as numbers, 64-bit fields as bigints.
 *
 * @throws TypeError if the command has no such field, or it is not a number
 */
export function readAttr<C extends keyof CommandAttrs, F extends keyof CommandAttrs[C] & string>(
  command: C,
  field: F,
  view: DataView,
): Scalar<CommandAttrs[C][F]> {
  const layout = attrLayouts[command];
  const found = Object.hasOwn(layout.fields, field) ? layout.fields[field] : undefined;
  const value = found === undefined ? undefined : decodeField(found, view, view.byteLength);
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new TypeError(`${layout.name} of ${command} has no number "${field}"`);
  }
  return value as Scalar<CommandAttrs[C][F]>;
}
