import type { BpfMap } from '../../../map/index.ts';
import type { Named } from '../../spec/named.ts';
import { DataSection } from '../../variables/data-section.ts';
import type { TypedLoad } from '../object-btf.ts';
import { checkReplacement } from './compare.ts';
import { createMap, createStructOpsMap } from './create.ts';
import { usePinned } from './pinned.ts';
import { recipeOf } from './recipe.ts';

/** Third stage: the maps are there, and data sections have their first values. */
export interface MappedLoad extends TypedLoad {
  readonly maps: Named<BpfMap>;
  /** Names of the maps that this load created. The others have entries already. */
  readonly fresh: ReadonlySet<string>;
  /** The memory of arenas. Programs are loaded with its address. */
  readonly arenas: ReadonlyMap<string, DataSection>;
}

/**
 * Creates the maps of an object, or takes those that are given or pinned.
 *
 * @throws BpfError `ERR_BPF_MAP_MISMATCH`, `ERR_BPF_PIN_MISMATCH` if such a map is not what the object describes
 */
export function makeMaps(load: TypedLoad): MappedLoad {
  const { plan, opened, btf, btfProblem } = load;
  const given = plan.options.maps ?? {};
  const maps: Named<BpfMap> = Object.create(null);
  const fresh = new Set<string>();
  for (const [name, map] of plan.mapSpecs) {
    if (map.type === 'struct_ops') continue;
    const recipe = recipeOf(map, load);
    const replacement = Object.hasOwn(given, name) ? given[name] : undefined;
    if (replacement !== undefined) checkReplacement(replacement, recipe);
    const make = (): BpfMap => {
      const made = opened.add(createMap(recipe, load));
      fresh.add(name);
      return made;
    };
    maps[name] = replacement ?? (map.pinning === 'by_name' ? usePinned(recipe, load, make) : make());
  }
  const arenas = mapArenas(load, maps, fresh);
  fillData(load, maps, fresh);
  for (const layout of plan.structOps) {
    maps[layout.map.name] = opened.add(createStructOpsMap(layout, load));
  }
  return { plan, opened, btf, btfProblem, maps, fresh, arenas };
}

/**
 * Maps the memory of arenas, and puts the first values of their variables there. The mapping gives an arena the address
 * that programs are loaded with. An arena that others have mapped has an address already: its programs are loaded even
 * if the kernel does not let this process map it too.
 */
function mapArenas(
  { plan: { mapSpecs, firstValues }, opened }: TypedLoad,
  maps: Named<BpfMap>,
  fresh: ReadonlySet<string>,
): Map<string, DataSection> {
  const arenas = new Map<string, DataSection>();
  for (const [name, spec] of mapSpecs) {
    const map = maps[name];
    if (map === undefined || spec.type !== 'arena') continue;
    const arena = opened.add(new DataSection(map, spec));
    arenas.set(name, arena);
    if (!fresh.has(name)) {
      arena.tryToMap();
      continue;
    }
    const view = arena.view();
    const first = firstValues.get(name);
    if (first !== undefined) new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(first);
  }
  return arenas;
}

/** Puts the first values of data sections into their maps, and freezes constants. */
function fillData(
  { plan: { mapSpecs, firstValues } }: TypedLoad,
  maps: Named<BpfMap>,
  fresh: ReadonlySet<string>,
): void {
  for (const [name, { type, frozen }] of mapSpecs) {
    const map = maps[name];
    if (map === undefined || !fresh.has(name) || type === 'arena') continue;
    const first = firstValues.get(name);
    if (first !== undefined) {
      if (map.type !== 'array') throw new TypeError(`map "${map.name}" (${map.type}) has no plain value`);
      map.set(0, first);
    }
    if (frozen) map.freeze();
  }
}
