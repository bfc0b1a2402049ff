/** Delegations: parsing, printing and comparing permissions. Runs on any operating system. */
export { allows, type Bit, type Bits, missingBits } from './bits.ts';
export { Delegation, type DelegationJson, type ShownDelegation } from './delegation.ts';
export { type Permission, type PermissionKind, permissionKinds, permissionOf } from './names.ts';
export type { DelegationInit, Permissions } from './parse.ts';
