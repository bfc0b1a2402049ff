export type { KconfigValue } from './externs/kconfig-value.ts';
export { Collection, type CollectionSource } from './load/collection.ts';
export type { CollectionOptions, ProgramTarget } from './load/options.ts';
export { CollectionSpec, type CollectionSpecOptions } from './spec/collection-spec.ts';
export type { Named } from './spec/named.ts';
export type {
  ExternSpec,
  FunctionSpec,
  MapEntrySpec,
  MapSpec,
  ProgramSpec,
  StructOpsProgram,
  StructOpsSpec,
  UnsetPointer,
  VariableSpec,
} from './spec/types.ts';
export type { StructOps } from './struct-ops/struct-ops.ts';
export type { Variable } from './variables/variable.ts';
