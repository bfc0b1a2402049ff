/** Discovery: bpffs mounts, the tokens that they give, and what the process keeps of them. */
export {
  type Ambient,
  ambient,
  ambientOfAllMounts,
  PATH_VARIABLE,
  releaseTokens,
  rescanIfChanged,
} from './cache.ts';
export type { TokenCandidate } from './candidate.ts';
export { createToken, findTokens } from './find.ts';
export { DEFAULT_MOUNT } from './place.ts';
export type { DelegationSource } from './read-delegation.ts';
export { refusedToken } from './refused.ts';
export type { Discovery } from './scan.ts';
export { hasCapBpf, kernelHasTokens } from './support.ts';
export { Token } from './token.ts';
