import { wrongType } from '../../errors/index.ts';
import type { Codec } from './codec.ts';
import { MAX_SIZE } from './count.ts';
import { checkTypedArrayClass } from './typed-array-class.ts';

/** No C type is aligned to more. */
const MAX_ALIGN = 0x1_0000;

const isCount = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;

/** @throws TypeError for what cannot be a codec */
export function checkCodec(what: string, value: unknown): asserts value is Codec<unknown> {
  const { size, align, encode, decode, elements } = (value ?? {}) as {
    readonly [name in keyof Codec<unknown>]?: unknown;
  };
  if (typeof size !== 'number' || typeof encode !== 'function' || typeof decode !== 'function') {
    throw wrongType(what, 'a codec, such as u32 or struct({ \u2026 })', value);
  }
  if (!isCount(size, MAX_SIZE)) {
    throw wrongType(`${what}: size of the codec`, `a whole number from 0 to ${MAX_SIZE}`, size);
  }
  if (!isCount(align, MAX_ALIGN) || align === 0 || (align & (align - 1)) !== 0) {
    throw wrongType(`${what}: align of the codec`, `a power of two up to ${MAX_ALIGN}`, align);
  }
  if (elements !== undefined) checkTypedArrayClass(`${what}: elements of the codec`, elements);
}

/** {@link checkCodec} for each of these that is given. */
export function checkCodecs(what: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkCodec(`${what}: ${name}`, value);
  }
}
