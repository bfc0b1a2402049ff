import type { AttachType, Command, MapType, ProgramType } from '../../abi/index.ts';
import { checkString, wrongType } from '../../errors/index.ts';
import { ALL, MASK_BITS, type PermissionKind, parseBit } from './names.ts';

/**
 * The permissions of one kind: names; a text with names separated by `,` or `:`, one number, or `any`;
 * or a mask, in which bit n stands for number n of the kernel's enum.
 */
export type Permissions<N extends string> = readonly (N | (string & {}))[] | bigint | number | string;

/** What a `Delegation` is made from; a kind that is left out delegates nothing. */
export interface DelegationInit {
  readonly cmds?: Permissions<Command> | undefined;
  readonly maps?: Permissions<MapType> | undefined;
  readonly progs?: Permissions<ProgramType> | undefined;
  readonly attachs?: Permissions<AttachType> | undefined;
}

function checkedMask(kind: PermissionKind, mask: bigint, seen: string): bigint {
  if (mask < 0n || mask > ALL) {
    throw new RangeError(`${kind}: ${seen} is not a mask of ${MASK_BITS} bits`);
  }
  return mask;
}

/** A number in a text: decimal, or hexadecimal with `0x`. */
export const NUMBER: RegExp = /^(0x[0-9a-f]+|\d+)$/i;

function maskOfNames(kind: PermissionKind, names: readonly string[]): bigint {
  let mask = 0n;
  for (const word of names) {
    checkString(`${kind}: a permission`, word);
    const name = word.trim();
    if (NUMBER.test(name)) {
      // The kernel would let such a number overwrite the names before it.
      throw new TypeError(`${kind}: the number ${name} cannot be in a list of names`);
    }
    mask |= name.toLowerCase() === 'any' ? ALL : 1n << BigInt(parseBit(kind, name));
  }
  return mask;
}

/**
 * Reads what a caller wrote for one kind of permission.
 *
 * @throws TypeError for an unknown name, RangeError for a mask that does not fit 64 bits
 */
export function parsePermissions(kind: PermissionKind, value: Permissions<string> | undefined): bigint {
  if (value === undefined) return 0n;
  if (typeof value === 'bigint') return checkedMask(kind, value, String(value));
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${kind}: ${value} is not an exact mask: use a bigint`);
    return checkedMask(kind, BigInt(value), String(value));
  }
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '') return 0n;
    if (NUMBER.test(text)) return checkedMask(kind, BigInt(text), text);
    return maskOfNames(kind, text.split(/[,:]/));
  }
  if (Array.isArray(value)) return maskOfNames(kind, value);
  throw wrongType(kind, 'names, a mask or "any"', value);
}
