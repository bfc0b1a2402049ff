import { mapCreateFlags, mapFlagBits } from '../../../abi/index.ts';
import { BpfError } from '../../../errors/index.ts';
import { BpfMap } from '../../../map/index.ts';
import { makePinFolder } from '../../../sys/index.ts';
import type { MapSpec } from '../../spec/types.ts';
import type { TypedLoad } from '../object-btf.ts';
import { pinPathOf } from '../pins.ts';
import { differences } from './compare.ts';
import { codecsOf, type MapRecipe } from './recipe.ts';

/** Where maps are pinned by name by default. */
const DEFAULT_PIN_PATH = '/sys/fs/bpf';

/** What user space may do with an opened map: what its flags would allow if it were created. */
function accessOf({ flags }: MapSpec): 'read' | 'write' | 'both' {
  const bits = mapFlagBits(flags);
  if ((bits & mapCreateFlags.rdonly) !== 0) return 'read';
  return (bits & mapCreateFlags.wronly) !== 0 ? 'write' : 'both';
}

function open(path: string, recipe: MapRecipe, { plan }: TypedLoad): BpfMap | undefined {
  const { spec: map, key, value, records } = recipe;
  let pinned: BpfMap;
  try {
    pinned = BpfMap.fromPinned(path, { access: accessOf(map) }) as BpfMap;
  } catch (error) {
    if (BpfError.is(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const problems = differences(pinned.info(), recipe);
    if (problems.length > 0) {
      throw new BpfError(
        `Cannot use the map pinned at ${path} for map "${map.name}": ${problems.join('; ')}: remove the pin, or choose another pinPath`,
        { code: 'ERR_BPF_PIN_MISMATCH' },
      );
    }
    const inner = map.inner === undefined ? undefined : codecsOf(map.inner, plan.spec.btf);
    const fd = pinned.fd.duplicate();
    return BpfMap.fromFd(fd, {
      type: map.type as 'hash',
      ...(key.size === 0 ? {} : { key }),
      ...(value.size === 0 || inner !== undefined ? {} : { value }),
      ...(records === undefined ? {} : { records }),
      ...(inner === undefined ? {} : { inner: { key: inner.key, value: inner.value } }),
    }) as BpfMap;
  } finally {
    pinned.close();
  }
}

/** The map that is pinned by its name. If there is none, makes and pins one. */
export function usePinned(recipe: MapRecipe, load: TypedLoad, make: () => BpfMap): BpfMap {
  const { opened, plan } = load;
  const { options } = plan;
  const folder = options.pinPath ?? DEFAULT_PIN_PATH;
  const path = pinPathOf(folder, recipe.spec.name);
  opened.pinned.add(path);
  const found = open(path, recipe, load);
  if (found !== undefined) return opened.add(found);
  const made = make();
  if (options.pinPath !== undefined && makePinFolder(folder)) opened.addPinFolder(folder);
  try {
    made.pin(path);
  } catch (error) {
    // Somebody else was faster: use their map.
    const other = BpfError.is(error) && error.code === 'EEXIST' ? open(path, recipe, load) : undefined;
    if (other === undefined) throw error;
    return opened.add(other);
  }
  opened.addPin(path);
  return made;
}
