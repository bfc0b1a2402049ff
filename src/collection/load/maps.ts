import { BpfError } from '../../errors/index.ts';
import { BpfMap } from '../../map/index.ts';
import type { Named } from '../spec/named.ts';
import type { MapSpec } from '../spec/types.ts';
import { checkReplacement } from './compatibility.ts';
import { DataSection } from './data-section.ts';
import { type AnyMapOptions, type MapContext, mapOptions } from './map-options.ts';
import type { Owned } from './owned.ts';
import { usePinned } from './pins.ts';

/** Creates a map, once more without BTF where the kernel does not want it for this map. */
function create(options: AnyMapOptions): BpfMap {
  try {
    return BpfMap.create(options) as BpfMap;
  } catch (error) {
    if (options.btf === undefined || !BpfError.is(error) || error.code === 'EPERM') throw error;
    const { btf: _, ...without } = options;
    try {
      return BpfMap.create(without) as BpfMap;
    } catch {
      throw error;
    }
  }
}

function createOuter(map: MapSpec, inner: MapSpec, context: MapContext): BpfMap {
  const { value: _, ...options } = mapOptions(map, context);
  const template = mapOptions(inner, context);
  // What the template is called matters to nobody, and its name may be one that no map can have.
  const { name: __, btf: ___, ...plain } = template;
  return BpfMap.create({
    ...options,
    type: map.type === 'hash_of_maps' ? 'hash_of_maps' : 'array_of_maps',
    inner: inner.type === 'arena' || template.btf === undefined ? plain : { ...plain, btf: template.btf },
  }) as BpfMap;
}

/** The maps of a collection. */
export interface CreatedMaps {
  readonly maps: Named<BpfMap>;
  /** Names of those that were created, and are empty. */
  readonly fresh: ReadonlySet<string>;
}

/** Creates the maps of an object, or takes those that are given or pinned; what is opened is owned by `owned`. */
export function createMaps(context: MapContext, owned: Owned): CreatedMaps {
  const { parts, options } = context;
  const given = options.maps ?? {};
  const maps: Named<BpfMap> = Object.create(null);
  const fresh = new Set<string>();
  for (const [name, map] of parts.maps) {
    if (map.type === 'struct_ops') continue;
    const replacement = Object.hasOwn(given, name) ? given[name] : undefined;
    if (replacement !== undefined) checkReplacement(replacement, map, context);
    const make = (): BpfMap => {
      const made = owned.add(createMap(map, context));
      fresh.add(name);
      return made;
    };
    maps[name] = replacement ?? (map.pinning === 'by_name' ? usePinned(map, context, owned, make) : make());
  }
  return { maps, fresh };
}

function createMap(map: MapSpec, context: MapContext): BpfMap {
  if (map.inner !== undefined) return createOuter(map, map.inner, context);
  if (map.type === 'array_of_maps' || map.type === 'hash_of_maps') {
    throw new TypeError(
      `Cannot create map "${map.name}" (${map.type}): its source does not say what maps it holds: set inner`,
    );
  }
  return create(mapOptions(map, context));
}

/**
 * Maps the arenas of an object, which gives them the address that programs are loaded with, and puts the first values
 * of their variables there. One that others have mapped has an address: where the kernel does not let this process map
 * it too, its programs are loaded all the same.
 */
export function mapArenas(
  { maps, fresh }: CreatedMaps,
  { parts }: MapContext,
  contents: ReadonlyMap<string, Uint8Array>,
  owned: Owned,
): Map<string, DataSection> {
  const arenas = new Map<string, DataSection>();
  for (const [name, own] of parts.maps) {
    const map = maps[name];
    if (map === undefined || own.type !== 'arena') continue;
    const arena = owned.add(new DataSection(map, own));
    arenas.set(name, arena);
    if (!fresh.has(name)) {
      arena.tryToMap();
      continue;
    }
    const view = arena.view();
    const first = contents.get(name);
    if (first !== undefined) new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(first);
  }
  return arenas;
}

/** Puts the first value of a data section into its map; nothing stands for zeros. */
export function fillData(map: BpfMap, contents: Uint8Array | undefined, frozen: boolean): void {
  if (contents !== undefined) {
    if (map.type !== 'array') throw new TypeError(`map "${map.name}" (${map.type}) has no plain value`);
    map.set(0, contents);
  }
  if (frozen) map.freeze();
}
