/** BPF tokens: what is delegated, which tokens there are, and why there is none. */

export type {
  AttachType,
  BtfLoadAttr,
  Command,
  MapCreateAttr,
  MapType,
  ProgLoadAttr,
  ProgramType,
  U64,
} from '../abi/index.ts';
export {
  BpfError,
  type BpfErrorInit,
  type CandidateOutcome,
  type Capability,
  ClosedError,
  type DelegatedMasks,
  FormatError,
  type FormatErrorInit,
  type MissingPermission,
  NotSupportedError,
  type NotSupportedInit,
  type RefusedMount,
  TokenError,
  type TokenErrorInit,
  type TokenErrorReason,
} from '../errors/index.ts';
export type { Fd, MalformedMount } from '../sys/index.ts';
export {
  effectiveAttachType,
  mapCapabilities,
  programCapabilities,
  type TokenOption,
} from './choice/index.ts';
export { btfGetFdById, btfLoad, mapCreate, progLoad, progLoadAsync } from './commands.ts';
export {
  Delegation,
  type DelegationInit,
  type DelegationJson,
  type Permission,
  type PermissionKind,
  type Permissions,
  permissionKinds,
  type ShownDelegation,
} from './delegation/index.ts';
export {
  createToken,
  DEFAULT_MOUNT,
  type DelegationSource,
  type Discovery,
  findTokens,
  hasCapBpf,
  kernelHasTokens,
  PATH_VARIABLE,
  releaseTokens,
  Token,
  type TokenCandidate,
} from './discovery/index.ts';
