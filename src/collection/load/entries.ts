import { BpfError } from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import type { Named } from '../spec/named.ts';
import type { MapContext } from './map-options.ts';

/**
 * Gives maps of maps and prog arrays the entries that the source gives them. Entries for optional programs that were
 * not loaded are left out.
 */
export function fillMaps(
  { spec, parts }: MapContext,
  maps: Named<BpfMap>,
  programs: Named<Program>,
  fresh: ReadonlySet<string>,
): void {
  for (const [name, { entries }] of parts.maps) {
    const map = maps[name];
    if (map === undefined || !fresh.has(name) || entries.length === 0) continue;
    if (map.type !== 'prog_array' && map.type !== 'array_of_maps' && map.type !== 'hash_of_maps') {
      throw new BpfError(`Cannot fill map "${name}": maps of type ${map.type} take no programs and no maps`, {
        code: 'ERR_BPF_LINK',
      });
    }
    for (const { key, map: inner, program } of entries) {
      const value = inner === undefined ? programs[program ?? ''] : maps[inner];
      if (value !== undefined) map.set(key, value);
      else if (inner !== undefined || !((program ?? '') in spec.programs)) {
        throw new BpfError(
          `Cannot fill map "${name}": its entry ${key} is "${inner ?? program}", which the object does not have`,
          { code: 'ERR_BPF_LINK' },
        );
      }
    }
  }
}
