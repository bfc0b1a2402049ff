import type { Codec } from './codec.ts';
import { checkCount } from './count.ts';
import { outOfRange, wrongType } from './problem.ts';

/** Up to this length a loop over the bytes beats a bulk copy, which has to make a typed array. */
const SHORT = 24;

/**
 * Exactly `length` bytes as a `Uint8Array`: hardware addresses, hashes, anything that is not one of the other types.
 * Reading makes a copy.
 *
 * @throws TypeError or RangeError when `length` is not a whole number of at least 1
 */
export function bytes(length: number): Codec<Uint8Array> {
  checkCount('bytes', length, 1);
  return Object.freeze({
    name: `bytes(${length})`,
    size: length,
    align: 1,
    exact: true,
    encode(view: DataView, offset: number, value: Uint8Array): void {
      if (!(value instanceof Uint8Array)) wrongType(value, `a Uint8Array of ${length} bytes`);
      if (value.length !== length) outOfRange(`expected exactly ${length} bytes, got ${value.length}`);
      if (length > SHORT) new Uint8Array(view.buffer, view.byteOffset + offset, length).set(value);
      else for (let i = 0; i < length; i++) view.setUint8(offset + i, value[i] ?? 0);
    },
    decode(view: DataView, offset: number): Uint8Array {
      if (length > SHORT) return new Uint8Array(view.buffer, view.byteOffset + offset, length).slice();
      const value = new Uint8Array(length);
      for (let i = 0; i < length; i++) value[i] = view.getUint8(offset + i);
      return value;
    },
  });
}
