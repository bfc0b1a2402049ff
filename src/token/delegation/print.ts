import { ALL, knownMask, namesOf, type PermissionKind } from './names.ts';

/** A mask in the form that every kernel reads correctly. */
export const hex = (mask: bigint): string => `0x${mask.toString(16)}`;

/**
 * A mask as the value of a mount option: `any`, names joined by `:`, or a hex mask when it has bits newer
 * than the library. Empty when nothing is delegated.
 */
export function optionText(kind: PermissionKind, mask: bigint): string {
  if (mask === ALL) return 'any';
  if ((mask & ~knownMask(kind)) !== 0n) return hex(mask);
  return namesOf(kind, mask).join(':');
}

/** A mask as JSON shows it. */
export function jsonList(kind: PermissionKind, mask: bigint): string[] | 'any' {
  return mask === ALL ? 'any' : namesOf(kind, mask);
}
