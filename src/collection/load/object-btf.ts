import { concernsLack, type DataLayout, loadableBtf, SANITISING_STEPS } from '../../btf/index.ts';
import { Btf } from '../../btf-object/index.ts';
import { BpfError, VerifierError } from '../../errors/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { ARENA_DATA } from '../spec/data-maps.ts';
import type { CollectionOptions } from './options.ts';
import type { SpecParts } from './parts.ts';

/** Where the variables of each data section are. */
function layouts(spec: CollectionSpec, parts: SpecParts): Map<string, DataLayout> {
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
  // Those without variables have a size too: constants may have no names.
  for (const [name, { contents, structOps }] of parts.maps) {
    if (contents !== undefined && structOps === undefined) layoutOf(name);
  }
  for (const { name, map, offset } of parts.variables) add(name, map, offset);
  // Where several have one name, BTF has their offsets: the linker that brought them together put them there.
  for (const { name, map } of parts.variables) {
    const at = name.indexOf('@');
    if (at > 0) layoutOf(map).offsets.delete(name.slice(0, at));
  }
  for (const { name, kind, offset } of parts.externs) {
    if (kind === 'kconfig') add(name, '.kconfig', offset);
  }
  return found;
}

/**
 * Kernels without data sections in BTF (before 5.2) have no maps for them either, and without functions (before 5.0) no
 * function infos: what replaces those is of no use here.
 */
const STEPS = [[], ...SANITISING_STEPS.filter((lacks) => !lacks.includes('datasec'))];

/** The object's BTF in the kernel, or why it is not there. */
export interface ObjectBtf {
  readonly btf: Btf | undefined;
  readonly problem: BpfError | undefined;
}

/**
 * Loads an object's BTF. Where the kernel does not know all of it, what it may not know is replaced, the newest first.
 * Most objects work without BTF; so its refusal is for those to report that do not.
 */
export function loadObjectBtf(spec: CollectionSpec, parts: SpecParts, options: CollectionOptions): ObjectBtf {
  const { btf: types } = spec;
  if (types === undefined) return { btf: undefined, problem: undefined };
  const sections = layouts(spec, parts);
  const hidden = new Set(parts.functions.filter((fn) => fn.hidden).map(({ name }) => name));
  let problem: BpfError | undefined;
  for (const lacks of STEPS) {
    const lack = lacks.at(-1);
    if (lack !== undefined && !concernsLack(types, lack)) continue;
    try {
      const bytes = loadableBtf(types, { sections, hidden, lacks });
      return { btf: Btf.load(bytes, { token: options.token }), problem: undefined };
    } catch (error) {
      if (!BpfError.is(error)) throw error;
      problem ??= error;
      // Other types help only where the kernel found fault with these.
      if (!(error instanceof VerifierError)) break;
    }
  }
  return { btf: undefined, problem };
}
