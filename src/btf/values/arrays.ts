import { array, type Codec, inside, outOfRange, string, wrongType } from '../../bytes/codec/index.ts';
import type { BtfType } from '../types.ts';

/** Whether an array of these is text: only `char` holds characters, no other type of one byte. */
function isText(element: BtfType): boolean {
  return element.kind === 'int' && element.size === 1 && element.name === 'char';
}

/** An array without elements, such as the flexible one at a struct's end: its size is not part of the type. */
function empty(name: string, align: number, text: boolean): Codec<unknown> {
  return {
    name,
    size: 0,
    align,
    encode(_view: DataView, _offset: number, value: unknown): void {
      if (value === undefined) return;
      if (text ? typeof value !== 'string' : !Array.isArray(value)) {
        wrongType(value, text ? 'an empty string' : 'an empty array');
      }
      const { length } = value as string | unknown[];
      if (length !== 0) outOfRange(`expected nothing in an array of length 0, got ${length} elements`);
    },
    decode: () => (text ? '' : []),
  };
}

/** Takes typed arrays where arrays of numbers or bigints are expected. */
function orTyped(inner: Codec<unknown[]>): Codec<unknown> {
  return {
    ...inner,
    encode(view: DataView, offset: number, value: unknown): void {
      const typed = ArrayBuffer.isView(value) && !(value instanceof DataView);
      inner.encode(
        view,
        offset,
        typed ? Array.from(value as unknown as ArrayLike<unknown>) : (value as unknown[]),
      );
    },
  };
}

/** As many elements as the length says, without any bytes. */
function sizeless(inner: Codec<unknown>, length: number): Codec<unknown> {
  return {
    name: `${inner.name}[${length}]`,
    size: 0,
    align: inner.align,
    encode(view: DataView, offset: number, value: unknown): void {
      if (!Array.isArray(value)) wrongType(value, `an array of ${length}`);
      if (value.length !== length) outOfRange(`expected exactly ${length} elements, got ${value.length}`);
      for (const [i, each] of value.entries()) {
        try {
          inner.encode(view, offset, each);
        } catch (error) {
          throw inside(error, `[${i}]`);
        }
      }
    },
    decode: (view, offset) => Array.from({ length }, () => inner.decode(view, offset)),
  };
}

/** The codec of an array. `char` arrays are text up to the first NUL. The caller has checked the total size. */
export function arrayOf(element: BtfType, codec: Codec<unknown>, length: number): Codec<unknown> {
  const text = isText(element);
  if (length === 0) return empty(`${codec.name}[0]`, codec.align, text);
  if (text) return string(length);
  if (codec.size === 0) return sizeless(codec, length);
  return orTyped(array(codec, length));
}
