import { createFlagBits, mapCreateFlags, mapFlagBits, mapFlagNames } from '../../../abi/index.ts';
import { BpfError } from '../../../errors/index.ts';
import type { BpfMap, MapInfo } from '../../../map/index.ts';
import { possibleCpus } from '../../../sys/index.ts';
import type { MapRecipe } from './recipe.ts';

/** Flags that the kernel sets by itself. */
const SET_BY_KERNEL: Readonly<Record<string, number>> = {
  devmap: mapCreateFlags.rdonly_prog,
  devmap_hash: mapCreateFlags.rdonly_prog,
};
/** Flags of a descriptor, which the kernel does not keep with the map (bpf_map_flags_retain_permanent). */
const OF_DESCRIPTOR = mapCreateFlags.rdonly | mapCreateFlags.wronly;

/** The sizes that the kernel may make of this one: lists for each CPU have the same length (htab_map_alloc). */
function sizesFrom(entries: number, flags: number): readonly number[] {
  if ((flags & mapCreateFlags.no_common_lru) === 0) return [entries];
  const cpus = possibleCpus().length;
  const rest = entries % cpus;
  return rest === 0 ? [entries] : [entries + cpus - rest, entries - rest];
}

const described = (flags: number): string => mapFlagNames(flags >>> 0).join(' ') || 'none';

type Row = readonly [field: string, is: unknown, wanted: unknown];

function tell(rows: readonly Row[]): string[] {
  return rows.flatMap(([field, is, want]) =>
    is === want ? [] : [`its ${field} ${field === 'flags' ? 'are' : 'is'} ${is}, the object has ${want}`],
  );
}

function shape(found: Pick<MapInfo, 'type' | 'keySize' | 'valueSize'>, { spec, options }: MapRecipe): Row[] {
  return [
    ['type', found.type, spec.type],
    ['key size', found.keySize, options.key?.size ?? 0],
    ['value size', found.valueSize, options.value?.size ?? 0],
  ];
}

/** What differs between a map and the one that the object asks for. */
export function differences(found: MapInfo, recipe: MapRecipe): string[] {
  const { spec, options } = recipe;
  const ignored = (SET_BY_KERNEL[spec.type] ?? 0) | OF_DESCRIPTOR | mapCreateFlags.numa_node;
  const flags = mapFlagBits(options.flags ?? []);
  const entries = options.maxEntries ?? 0;
  const sizes = sizesFrom(entries, flags);
  return tell([
    ...shape(found, recipe),
    ['max_entries', found.maxEntries, sizes.includes(found.maxEntries) ? found.maxEntries : entries],
    ['flags', described(createFlagBits(found.flags) & ~ignored), described(flags & ~ignored)],
    ['map_extra', found.extra, spec.mapExtra],
  ]);
}

/**
 * Checks a map that the caller gives instead of the object's. Programs must be able to use it in the same way. The
 * number of entries and the flags are the caller's choice.
 *
 * @throws BpfError `ERR_BPF_MAP_MISMATCH`
 */
export function checkReplacement(given: BpfMap, recipe: MapRecipe): void {
  const { type, keySize, valueSize } = given;
  const problems = tell(shape({ type: type as MapInfo['type'], keySize, valueSize }, recipe));
  if (problems.length === 0) return;
  throw new BpfError(`Cannot use the map given for map "${recipe.spec.name}": ${problems.join('; ')}`, {
    code: 'ERR_BPF_MAP_MISMATCH',
  });
}
