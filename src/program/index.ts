export {
  attempts,
  checkLogOptions,
  type LogOptions,
  type LogRequest,
  type Outcome,
  outcomeOf,
} from './attempts.ts';
export type { ProgramInfo } from './info.ts';
export { describeProgram } from './load.ts';
export type { DescriptorHolder, ProgramOptions, Records } from './options.ts';
export { Program } from './program.ts';
export type { TestRunOptions, TestRunResult } from './test-run.ts';
