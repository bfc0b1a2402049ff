/** What the running kernel can do, and what this process may not find out. */
export { BpfError, ClosedError, FormatError, NotSupportedError, TokenError } from '../errors/index.ts';
export type { Answer } from './answer.ts';
export { haveAttachType } from './attach-types.ts';
export { forgetAnswers } from './cache.ts';
export type { BtfFeature } from './feature-btf.ts';
export type { InstructionFeature } from './feature-instructions.ts';
export type { LinkFeature } from './feature-links.ts';
export type { MapFeature } from './feature-maps.ts';
export type { TokenFeature } from './feature-tokens.ts';
export { type Feature, features, haveFeature } from './features.ts';
export { haveHelper } from './helpers.ts';
export { haveMapType } from './map-types.ts';
export type { ProbeOptions } from './options.ts';
export { type Answers, type FeatureReport, type ProbeAllOptions, probeAll } from './probe-all.ts';
export { haveProgramType } from './program-types.ts';
