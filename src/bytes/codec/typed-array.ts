import type { Codec } from './codec.ts';
import { checkCount } from './count.ts';
import { outOfRange, wrongType } from './problem.ts';
import { checkTypedArrayClass, type TypedArray, type TypedArrayClass } from './typed-array-class.ts';

/**
 * A C array of `length` numbers in this machine's byte order, as a typed array: histograms, statistics.
 * Reading makes a copy.
 *
 * @throws TypeError for what is not the class of a typed array
 * @throws TypeError or RangeError when `length` is not a whole number of at least 1
 */
export function typedArray<A extends TypedArray>(type: TypedArrayClass<A>, length: number): Codec<A> {
  checkTypedArrayClass('typedArray: type', type);
  checkCount(type.name, length, type.BYTES_PER_ELEMENT);
  const size = length * type.BYTES_PER_ELEMENT;
  return Object.freeze({
    name: `${type.name}(${length})`,
    size,
    align: type.BYTES_PER_ELEMENT,
    exact: true,
    encode(view: DataView, offset: number, value: A): void {
      if (!(value instanceof type)) wrongType(value, `${type.name} of ${length} elements`);
      if (value.length !== length) outOfRange(`expected exactly ${length} elements, got ${value.length}`);
      const from = new Uint8Array(value.buffer, value.byteOffset, size);
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(from);
    },
    decode(view: DataView, offset: number): A {
      const start = view.byteOffset + offset;
      if (start % type.BYTES_PER_ELEMENT === 0) return new type(view.buffer, start, length).slice() as A;
      const value = new type(length);
      new Uint8Array(value.buffer).set(new Uint8Array(view.buffer, start, size));
      return value;
    },
  });
}
