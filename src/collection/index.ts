export { nearSectionNames, type ParsedSection, parseSectionName } from './sections/parse.ts';
export { type SectionKind, sectionKinds } from './sections/table.ts';
export { CollectionSpec, type CollectionSpecOptions, type Named } from './spec/collection-spec.ts';
export type {
  ExternSpec,
  FunctionSpec,
  MapEntrySpec,
  MapSpec,
  ProgramSpec,
  StructOpsProgram,
  StructOpsSpec,
  VariableSpec,
} from './spec/types.ts';
