export type { LogOptions } from './attempts.ts';
export type { ProgramInfo } from './info.ts';
export type { DescriptorHolder, ProgramOptions, Records } from './options.ts';
export { Program } from './program.ts';
export type { TestRunOptions, TestRunResult } from './test-run.ts';
