import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { ExternSpec, FunctionSpec, MapSpec, ProgramSpec, VariableSpec } from '../spec/types.ts';

/** What a spec holds when its load begins: listed once, as every step goes over it. */
export interface SpecParts {
  /** By the names they stand under. */
  readonly maps: readonly (readonly [name: string, map: MapSpec])[];
  readonly programs: readonly ProgramSpec[];
  readonly functions: readonly FunctionSpec[];
  readonly variables: readonly VariableSpec[];
  readonly externs: readonly ExternSpec[];
}

export function partsOf({ maps, programs, functions, variables, externs }: CollectionSpec): SpecParts {
  return {
    maps: Object.entries(maps),
    programs: Object.values(programs),
    functions: Object.values(functions),
    variables: Object.values(variables),
    externs: Object.values(externs),
  };
}
