export {
  checkArray,
  checkBoolean,
  checkBytes,
  checkChoice,
  checkFunction,
  checkInteger,
  checkIntegers,
  checkIterable,
  checkObject,
  checkOwner,
  checkPath,
  checkSignal,
  checkString,
  I32,
  U32,
} from './arguments.ts';
export { BpfError, type BpfErrorInit } from './bpf-error.ts';
export { type Capability, capabilityText } from './capability.ts';
export { ClosedError } from './closed-error.ts';
export type { ErrorCode, LibraryErrorCode } from './codes.ts';
export { checkOurs, OURS } from './construction.ts';
export { ERRNO, type ErrnoCode, type ErrnoName, errnoName, errnoOf } from './errno.ts';
export { type BareError, bareError, type Explain, explained, isBare } from './explained.ts';
export { fileError, unreadable } from './file-error.ts';
export { FormatError, type FormatErrorInit } from './format-error.ts';
export { didYouMean, nearNames } from './near.ts';
export { NotSupportedError, type NotSupportedInit } from './not-supported-error.ts';
export { rejectOptions, rejectUnknownOptions } from './options.ts';
export { type RefusedCandidate, RelocationError, type RelocationErrorInit } from './relocation-error.ts';
export { addToMessage, reword } from './reword.ts';
export {
  check,
  checkEach,
  checkMembers,
  maybe,
  ownsDescriptor,
  type Rule,
  rules,
  wrongType,
} from './rules.ts';
export { seen } from './seen.ts';
export {
  type CandidateOutcome,
  type DelegatedMasks,
  type MissingPermission,
  type RefusedMount,
  TokenError,
  type TokenErrorInit,
  type TokenErrorReason,
} from './token-error.ts';
export { VerifierError, type VerifierErrorInit } from './verifier-error.ts';
