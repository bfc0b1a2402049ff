import { BtfBuilder } from '../btf/index.ts';
import { btfLoad, type TokenOption } from '../token/commands.ts';
import type { MapFacts } from './facts.ts';
import { STORAGE } from './families.ts';
import type { MapBtf } from './options.ts';

/**
 * Loads the least BTF that the kernel takes for maps which it wants BTF for; nothing for the others. The caller
 * closes it.
 *
 * Storage maps need an `int` as key (a descriptor of the object) and any value of the right size: here a byte array,
 * with no pointers or locks in it. Maps of struct_ops need some BTF, but none of its types.
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
