import * as c from '../../bytes/codec/index.ts';
import { didYouMean } from '../../errors/index.ts';
import type { BtfEnum, BtfEnum64, BtfFloat, BtfInt } from '../types.ts';
import { type BitField, bigBits, bits } from './bits.ts';

type Codec<T> = c.Codec<T>;
type Scalar = BtfInt | BtfEnum | BtfEnum64;

/** Whole integers by size: unsigned little- and big-endian, then signed ones. */
const WHOLE: ReadonlyMap<number, readonly (Codec<number> | Codec<bigint>)[]> = new Map<
  number,
  readonly (Codec<number> | Codec<bigint>)[]
>([
  [1, [c.u8, c.u8, c.i8, c.i8]],
  [2, [c.u16le, c.u16be, c.i16le, c.i16be]],
  [4, [c.u32le, c.u32be, c.i32le, c.i32be]],
  [8, [c.u64le, c.u64be, c.i64le, c.i64be]],
]);

function isSigned(type: Scalar): boolean {
  return type.kind === 'int' ? type.encoding === 'signed' : type.signed;
}

/** The bits of a scalar as an integer, before any conversion. */
function whole(type: Scalar, littleEndian: boolean): Codec<number> | Codec<bigint> | undefined {
  const signed = isSigned(type);
  const found = WHOLE.get(type.size)?.[(signed ? 2 : 0) + (littleEndian ? 0 : 1)];
  if (found !== undefined || type.size !== 16) return found;
  const codec = bigBits({ shift: 0, width: 128, signed, littleEndian }, signed ? 'i128' : 'u128');
  return { ...codec, align: 16 };
}

/** Bits as a boolean: any bit set is true. */
function asBoolean(inner: Codec<number> | Codec<bigint>, big: boolean): Codec<boolean> {
  const raw = inner as Codec<number | bigint>;
  return {
    name: 'bool',
    size: inner.size,
    align: inner.align,
    encode(view: DataView, offset: number, value: boolean): void {
      if (typeof value !== 'boolean') c.wrongType(value, 'a boolean');
      raw.encode(view, offset, big ? BigInt(value) : Number(value));
    },
    decode(view: DataView, offset: number): boolean {
      return Number(raw.decode(view, offset)) !== 0;
    },
  };
}

/**
 * Values with a name become that name, others stay as they are. Both are accepted. If there are several names, the
 * first counts.
 */
function named(type: BtfEnum | BtfEnum64, inner: Codec<number> | Codec<bigint>): Codec<unknown> {
  const raw = inner as Codec<unknown>;
  const big = type.size > 4;
  const convert = (value: number | bigint): number | bigint => (big ? BigInt(value) : Number(value));
  const names = new Map<number | bigint, string>();
  const numbers = new Map<string, number | bigint>();
  for (const { name, value } of type.values) {
    const number = convert(value);
    if (!names.has(number)) names.set(number, name);
    if (!numbers.has(name)) numbers.set(name, number);
  }
  const title = `enum ${type.name || '{\u2026}'}`;
  return {
    name: title,
    size: inner.size,
    align: inner.align,
    exact: inner.exact,
    encode(view: DataView, offset: number, value: unknown): void {
      if (typeof value === 'string') {
        const number = numbers.get(value);
        if (number === undefined) {
          c.wrongType(value, `a value of ${title} or its name${didYouMean(value, numbers.keys())}`);
        }
        raw.encode(view, offset, number);
      } else if (typeof value !== 'number' && typeof value !== 'bigint') {
        c.wrongType(value, `a value of ${title} or its name`);
      } else if (big && typeof value === 'number' && Number.isSafeInteger(value)) {
        raw.encode(view, offset, BigInt(value));
      } else {
        raw.encode(view, offset, value);
      }
    },
    decode(view: DataView, offset: number): unknown {
      const value = raw.decode(view, offset) as number | bigint;
      return names.get(value) ?? value;
    },
  };
}

function meaning(type: Scalar, inner: Codec<number> | Codec<bigint>): Codec<unknown> {
  if (type.kind !== 'int') return named(type, inner);
  return type.encoding === 'bool' ? asBoolean(inner, type.size > 4) : inner;
}

/** The codec of an int or enum that fills its bytes. Undefined if there is no integer of that size. */
export function scalar(type: Scalar, littleEndian: boolean): Codec<unknown> | undefined {
  if (type.kind === 'int' && type.encoding === 'bool' && type.size === 1) return c.bool;
  const inner = whole(type, littleEndian);
  return inner === undefined ? undefined : meaning(type, inner);
}

/** The codec of a bit field. It follows the meaning of its declared type. */
export function bitField(
  type: Scalar,
  place: Pick<BitField, 'shift' | 'width'>,
  le: boolean,
): Codec<unknown> {
  return meaning(type, bits({ ...place, signed: isSigned(type), littleEndian: le }, type.size > 4));
}

/**
 * The codec of a float. float and double are numbers. Others are their bytes, because JavaScript has no numbers for
 * them.
 */
export function float({ size }: BtfFloat, littleEndian: boolean): Codec<unknown> {
  if (size === 4) return littleEndian ? c.f32le : c.f32be;
  if (size === 8) return littleEndian ? c.f64le : c.f64be;
  return c.bytes(size);
}
