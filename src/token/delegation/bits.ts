import type { Delegation } from './delegation.ts';
import { type PermissionKind, permissionKinds } from './names.ts';

/**
 * The permissions that one bpf(2) call takes, in the kernel's numbers: for each kind the bit that has to be
 * delegated, or `undefined` for a kind that the kernel does not look at.
 */
export type Bits = Readonly<Record<PermissionKind, number | undefined>>;

/** One of these permissions. */
export interface Bit {
  readonly kind: PermissionKind;
  readonly bit: number;
}

/** Whether a delegation covers a call, as the kernel decides it. */
export function allows(delegation: Delegation, bits: Bits): boolean {
  for (const kind of permissionKinds) {
    const bit = bits[kind];
    if (bit !== undefined && !delegation.has(kind, bit)) return false;
  }
  return true;
}

/** The permissions of a call that a delegation lacks. */
export function missingBits(delegation: Delegation, bits: Bits): Bit[] {
  return permissionKinds.flatMap((kind) => {
    const bit = bits[kind];
    return bit === undefined || delegation.has(kind, bit) ? [] : [{ kind, bit }];
  });
}
