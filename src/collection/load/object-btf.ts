import { concernsLack, type DataLayout, loadableBtf, SANITISING_STEPS } from '../../btf/index.ts';
import { Btf } from '../../btf-object/index.ts';
import { BpfError, VerifierError } from '../../errors/index.ts';
import { ARENA_DATA } from '../spec/data-maps.ts';
import { KCONFIG } from '../spec/externs.ts';
import type { Opened } from './opened.ts';
import type { Plan } from './plan.ts';

/** Where the variables of each data section are. */
function layouts({ spec, mapSpecs, variableSpecs }: Plan): Map<string, DataLayout> {
  const found = new Map<string, { size: number; offsets: Map<string, number> }>();
  const layoutOf = (map: string): { offsets: Map<string, number> } => {
    const { type, section: own = map, valueSize = 0, contents } = spec.maps[map] ?? {};
    const [section, size] = type === 'arena' ? [ARENA_DATA, contents?.length ?? 0] : [own, valueSize];
    const layout = found.get(section) ?? { size, offsets: new Map() };
    found.set(section, layout);
    return layout;
  };
  const add = (name: string, map: string, offset: number): void => {
    layoutOf(map).offsets.set(name, offset);
  };
  // Sections without variables have a size too: constants may have no names.
  for (const [name, { contents, structOps }] of mapSpecs) {
    if (contents !== undefined && structOps === undefined) layoutOf(name);
  }
  for (const { name, map, offset } of variableSpecs) add(name, map, offset);
  // If several share a name, their offsets are in BTF already: the linker that joined them put them there.
  for (const { name, map } of variableSpecs) {
    const at = name.indexOf('@');
    if (at > 0) layoutOf(map).offsets.delete(name.slice(0, at));
  }
  for (const { name, kind, offset } of Object.values(spec.externs)) {
    if (kind === 'kconfig') add(name, KCONFIG, offset);
  }
  return found;
}

/**
 * The replacements that help here. Kernels without data sections in BTF (before 5.2) have no maps for them either, and
 * kernels without functions in BTF (before 5.0) have no function info, so replacing those is of no use.
 */
const STEPS = [[], ...SANITISING_STEPS.filter((lacks) => !lacks.includes('datasec'))];

/** Second stage: the plan, and the object's types in the kernel. */
export interface TypedLoad {
  readonly plan: Plan;
  /** Everything that this stage and later ones open. */
  readonly opened: Opened;
  readonly btf: Btf | undefined;
  /** Why the types are not in the kernel, if it refused them. */
  readonly btfProblem: BpfError | undefined;
}

/**
 * Loads the object's BTF. If the kernel does not know all of it, the parts that it may not know are replaced, the
 * newest first. Most objects work without BTF. So a refusal is kept, and thrown only as part of another error.
 */
export function loadObjectBtf(plan: Plan, opened: Opened): TypedLoad {
  const { btf: types, functions } = plan.spec;
  if (types === undefined) return { plan, opened, btf: undefined, btfProblem: undefined };
  const sections = layouts(plan);
  const hidden = new Set<string>();
  for (const { name, hidden: isHidden } of Object.values(functions)) if (isHidden) hidden.add(name);
  let btfProblem: BpfError | undefined;
  for (const lacks of STEPS) {
    const lack = lacks.at(-1);
    if (lack !== undefined && !concernsLack(types, lack)) continue;
    try {
      const bytes = loadableBtf(types, { sections, hidden, lacks });
      const btf = opened.add(Btf.load(bytes, { token: plan.options.token }));
      return { plan, opened, btf, btfProblem: undefined };
    } catch (error) {
      if (!BpfError.is(error)) throw error;
      btfProblem ??= error;
      // Other types help only if the kernel found fault with these.
      if (!(error instanceof VerifierError)) break;
    }
  }
  return { plan, opened, btf: undefined, btfProblem };
}
