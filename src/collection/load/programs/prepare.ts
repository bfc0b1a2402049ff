import { BpfError, VerifierError } from '../../../errors/index.ts';
import type { ProgramOptions } from '../../../program/index.ts';
import { nearSectionNames, parseSectionName } from '../../../sections/index.ts';
import { plainName } from '../../../sys/index.ts';
import type { ProgramSpec } from '../../spec/types.ts';
import type { MappedLoad } from '../maps/make.ts';
import type { PlannedProgram } from '../plan.ts';
import { Adapter } from './adapt.ts';
import { type AttachTarget, attachTarget } from './attach-target.ts';
import { functionInfo, lineInfo } from './debug-info.ts';
import { explainRefusal } from './explain.ts';
import { usdtAttachType } from './usdt-attach-type.ts';

/** A program ready to be loaded. */
export interface Prepared {
  readonly name: string;
  readonly options: ProgramOptions;
  /** A better error than the verifier's, if the verifier met something that the kernel lacks. */
  explain(error: unknown): unknown;
}

/** Fourth stage: what each program is loaded with. @throws BpfError, RelocationError */
export function preparePrograms(load: MappedLoad): readonly Prepared[] {
  const adapter = new Adapter(load);
  return load.plan.programs.map((planned) => prepare(planned, load, adapter));
}

/** Index 0 of the descriptors given at load stands for the kernel itself. */
const NOTHING = { fd: { value: 0 } };

function prepare(planned: PlannedProgram, load: MappedLoad, adapter: Adapter): Prepared {
  const { program, linked } = planned;
  const { plan, btf, maps } = load;
  const { items, poisoned } = adapter.adapt(planned);
  const { type, name } = program;
  if (type === undefined) throw typeless(program);
  const { logLevel, logSize, token } = plan.options;
  const modules = load.opened.modules.all;
  const fdArray = modules.length === 0 ? undefined : [NOTHING, ...modules];
  const attach = attachOf(program, load);
  return {
    name,
    options: {
      type,
      name: plainName(name),
      section: sectionOf(program),
      instructions: items,
      license: program.license,
      flags: program.flags,
      maps,
      logLevel,
      logSize,
      token,
      fdArray,
      attachType: attach.attachType,
      attachBtfId: attach.attachBtfId,
      attachTo: attach.attachTo,
      btf,
      functionInfo: btf === undefined ? undefined : functionInfo(linked.functions),
      lineInfo: btf === undefined ? undefined : lineInfo(items, linked.functions),
    },
    explain: (error) =>
      error instanceof VerifierError
        ? explainRefusal(error, { externs: adapter.externs, program, items, poisoned })
        : error,
  };
}

function attachOf(
  program: ProgramSpec,
  { plan: { members, options }, opened }: MappedLoad,
): AttachTarget & Pick<ProgramOptions, 'attachType'> {
  const member = members.get(program.name);
  if (member !== undefined) return { attachType: member.index, attachBtfId: member.typeId };
  const target = attachTarget(program, options.targets?.[program.name], opened.modules);
  return { attachType: program.attachType ?? usdtAttachType(program), ...target };
}

/** The section, with the target that the spec has now: it may have been edited. */
function sectionOf({ section, attachTo }: ProgramSpec): string {
  const parsed = parseSectionName(section);
  if (parsed === undefined || parsed.attachTo === attachTo) return section;
  return attachTo === undefined ? parsed.kind.name : `${parsed.kind.name}/${attachTo}`;
}

function typeless({ name, section }: ProgramSpec): BpfError {
  const near = nearSectionNames(section).map((other) => `SEC("${other}")`);
  const hint = near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
  return new BpfError(
    `Cannot load program "${name}": SEC("${section}") does not say its program type${hint}: set type, or autoload: false`,
    { code: 'ERR_BPF_PROGRAM_TYPE' },
  );
}
