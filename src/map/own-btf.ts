import { BtfBuilder } from '../btf/index.ts';
import { btfLoad, type TokenOption } from '../token/commands.ts';
import type { MapFacts } from './facts.ts';
import { STORAGE } from './families.ts';
import type { MapBtf } from './options.ts';

/**
 * Loads the smallest BTF that the kernel accepts, for types that need BTF. Loads nothing for other types. The caller
 * closes it.
 *
 * For storage maps, the key must be an `int` (a descriptor of the object), and the value any type of the right size:
 * here a byte array, without pointers or locks. Maps of struct_ops need some BTF, but no type from it.
 */
export function ownBtf(map: MapFacts, token?: TokenOption): MapBtf | undefined {
  const storage = STORAGE.has(map.type);
  if (!storage && map.type !== 'struct_ops') return undefined;
  const types = new BtfBuilder();
  const key = types.int('int', 4, 'signed');
  const value = types.array(types.int('u8', 1), map.valueSize, key);
  const blob = types.encode();
  const fd = btfLoad({ btf: blob, btf_size: blob.length }, token);
  return storage ? { fd, key, value } : { fd };
}
