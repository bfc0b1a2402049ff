import { checkCodec } from './check.ts';
import type { Codec, CodecPart } from './codec.ts';
import { checkCount } from './count.ts';
import { inside, outOfRange, wrongType } from './problem.ts';

/**
 * A C array of exactly `length` elements.
 *
 * @throws TypeError for what is not a codec
 * @throws TypeError or RangeError when `length` is not a whole number of at least 1
 */
export function array<T>(element: Codec<T>, length: number): Codec<T[]> {
  checkCodec('array: element', element);
  checkCount('array', length, Math.max(element.size, 1));
  const { size: stride, align } = element;
  const name = `${element.name}[${length}]`;
  return Object.freeze({
    name,
    size: stride * length,
    align,
    exact: element.exact,
    partAt(bit: number): CodecPart | undefined {
      const index = Math.floor(bit / (stride * 8));
      return { step: `[${index}]`, codec: element as Codec<unknown>, bit: bit - index * stride * 8 };
    },
    encode(view: DataView, offset: number, value: T[]): void {
      if (!Array.isArray(value)) wrongType(value, `an array of ${length}`);
      if (value.length !== length) outOfRange(`expected exactly ${length} elements, got ${value.length}`);
      let i = 0;
      try {
        for (; i < length; i++) element.encode(view, offset + i * stride, value[i] as T);
      } catch (error) {
        throw inside(error, `[${i}]`);
      }
    },
    decode(view: DataView, offset: number): T[] {
      const value: T[] = [];
      for (let i = 0; i < length; i++) value.push(element.decode(view, offset + i * stride));
      return value;
    },
  });
}
