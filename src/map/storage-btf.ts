import { BtfBuilder } from '../btf/index.ts';
import type { Fd } from '../sys/index.ts';
import { btfLoad, type TokenOption } from '../token/commands.ts';
import type { MapFacts } from './facts.ts';

/**
 * Loads the least BTF that the kernel takes for storage maps: an `int` for the key (a descriptor of the object), and
 * for the value a byte array of its size, with no pointers or locks in it. The caller closes it.
 */
export function storageBtf(map: MapFacts, token?: TokenOption): { fd: Fd; key: number; value: number } {
  const types = new BtfBuilder();
  const key = types.int('int', 4, 'signed');
  const value = types.array(types.int('u8', 1), map.valueSize, key);
  const blob = types.encode();
  return { fd: btfLoad({ btf: blob, btf_size: blob.length }, token), key, value };
}
