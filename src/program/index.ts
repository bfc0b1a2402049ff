export type { LogOptions } from '../verifier-log/index.ts';
export type { ProgramInfo } from './info.ts';
export { describeProgram } from './load.ts';
export type { DescriptorHolder, ProgramOptions, Records } from './options.ts';
export { Program } from './program.ts';
export type { ProgramStream, ProgramStreams, StreamOptions } from './streams.ts';
export type { TestRunOptions, TestRunResult } from './test-run.ts';
export { rememberedUsdtSpecs, rememberUsdtSpecs, USDT_SPECS } from './usdt-specs.ts';
