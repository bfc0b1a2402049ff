import type { Need } from '../choice/index.ts';
import { type Delegation, missingBits, type PermissionKind, permissionOf } from '../delegation/index.ts';
import { type Explanation, type Facts, join } from './facts.ts';

const MOST_NAMES = 8;

/** `empty`, or the names delegated now; a long list is cut. */
function nowDelegated(delegation: Delegation, kind: PermissionKind): string {
  const names = delegation.names(kind);
  if (names.length === 0) return 'empty';
  if (names.length <= MOST_NAMES) return names.join(':');
  return `${names.slice(0, MOST_NAMES).join(':')} and ${names.length - MOST_NAMES} more`;
}

/** The explanation when there are tokens, but none permits the call: what to add to the one that lacks least. */
export function permissionMissing({ tokens }: Facts, need: Need): Explanation {
  const lacking = tokens.map((token) => ({ token, bits: missingBits(token.delegation, need.bits) }));
  const nearest = lacking.reduce((best, next) => (next.bits.length < best.bits.length ? next : best));
  const { mount, delegation } = nearest.token;
  const missing = nearest.bits.map(({ kind, bit }) => permissionOf(kind, bit));
  const additions = nearest.bits.map(({ kind, bit }) => {
    const { option, name } = permissionOf(kind, bit);
    return `${name} to ${option} (now ${nowDelegated(delegation, kind)})`;
  });
  const whose =
    tokens.length === 1 ? 'the token does not permit it' : `none of ${tokens.length} tokens permits it`;
  return {
    reason: 'permission_missing',
    text: `${whose}: mount at ${mount}: add ${join(additions)}`,
    missing,
    delegation,
    mount,
  };
}
