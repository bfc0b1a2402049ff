/** BPF tokens: what is delegated, which tokens there are, and why there is none. */
export type { BtfLoadAttr, MapCreateAttr, ProgLoadAttr, U64 } from '../abi/index.ts';
export { PATH_VARIABLE, releaseTokens } from './ambient.ts';
export type { TokenOption } from './attempt.ts';
export type { CandidateOutcome, TokenCandidate } from './candidate.ts';
export { btfGetFdById, btfLoad, mapCreate, progLoad, progLoadAsync } from './commands.ts';
export { hasCapBpf, kernelHasTokens } from './create.ts';
export {
  Delegation,
  type DelegationInit,
  type DelegationJson,
  type Permission,
  type Permissions,
  type ShownDelegation,
} from './delegation.ts';
export { DEFAULT_MOUNT, type Discovery } from './discovery.ts';
export { createToken, findTokens } from './find.ts';
export { effectiveAttachType, mapCapabilities, programCapabilities } from './needs.ts';
export { type PermissionKind, permissionKinds } from './permission-names.ts';
export { type DelegationSource, Token } from './token.ts';
