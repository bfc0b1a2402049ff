import { bytes, u32 } from '../../../bytes/codec/index.ts';
import { BpfError } from '../../../errors/index.ts';
import { BpfMap, type KeyedMap, type KeyedMapType } from '../../../map/index.ts';
import type { MapSpec } from '../../spec/types.ts';
import type { StructOpsLayout } from '../../struct-ops/layout.ts';
import type { TypedLoad } from '../object-btf.ts';
import { type AnyMapOptions, type MapRecipe, mapName, recipeOf } from './recipe.ts';

/** @throws TypeError for a map of maps that does not say what maps it holds */
export function createMap(recipe: MapRecipe, load: TypedLoad): BpfMap {
  const { name, type, inner } = recipe.spec;
  if (inner !== undefined) return createOuter(recipe, inner, load);
  if (type === 'array_of_maps' || type === 'hash_of_maps') {
    throw new TypeError(
      `Cannot create map "${name}" (${type}): its source does not say what maps it holds: set inner`,
    );
  }
  return create(recipe.options);
}

/** Creates a map. If the kernel refuses it, tries again without BTF, which the kernel may not take for this map. */
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

function createOuter(recipe: MapRecipe, inner: MapSpec, load: TypedLoad): BpfMap {
  const { value: _, ...options } = recipe.options;
  const template = recipeOf(inner, load).options;
  // The template needs no name, and its own may be one that no map can have.
  const { name: __, btf: ___, ...plain } = template;
  return BpfMap.create({
    ...options,
    type: recipe.spec.type === 'hash_of_maps' ? 'hash_of_maps' : 'array_of_maps',
    inner: inner.type === 'arena' || template.btf === undefined ? plain : { ...plain, btf: template.btf },
  }) as BpfMap;
}

/** Creates the map of a struct_ops; it holds nothing yet. */
export function createStructOpsMap(
  { map, module, value, wrapperId }: StructOpsLayout,
  { plan: { spec, options }, btf, opened }: TypedLoad,
): KeyedMap<unknown, unknown, KeyedMapType> {
  return BpfMap.create({
    type: 'struct_ops',
    name: mapName(map, spec.file),
    key: u32,
    value: bytes(value.length),
    maxEntries: 1,
    flags: map.flags,
    kernelValueType: wrapperId,
    ...(module === undefined ? {} : { kernelValueBtf: opened.modules.of(module) }),
    ...(btf === undefined ? {} : { btf: { fd: btf.fd } }),
    ...(options.token === undefined ? {} : { token: options.token }),
  });
}
