export {
  BpfError,
  ClosedError,
  FormatError,
  NotSupportedError,
  TokenError,
  VerifierError,
} from './errors/index.ts';
export { Btf, type BtfInfo, type BtfLoadOptions, type BtfOpenOptions } from './handle/index.ts';
export {
  Program,
  type ProgramInfo,
  type ProgramOptions,
  type TestRunOptions,
  type TestRunResult,
} from './program/index.ts';
