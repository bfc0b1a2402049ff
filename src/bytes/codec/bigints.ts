import { HOST_LITTLE_ENDIAN } from '../byte-order.ts';
import type { Codec } from './codec.ts';
import { article, outOfRange, wrongType } from './problem.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const I64_MIN = -0x8000_0000_0000_0000n;
const I64_MAX = 0x7fff_ffff_ffff_ffffn;

function refuse(value: unknown, name: string, min: bigint, max: bigint): never {
  if (typeof value !== 'bigint') wrongType(value, `${article(name)} as a bigint`);
  outOfRange(`${value}n is not ${article(name)} (${min}n to ${max}n)`);
}

function unsigned64(name: string, little: boolean): Codec<bigint> {
  return Object.freeze({
    name,
    size: 8,
    align: 8,
    exact: true,
    encode(view: DataView, offset: number, value: bigint): void {
      if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) refuse(value, name, 0n, U64_MAX);
      view.setBigUint64(offset, value, little);
    },
    elements: little === HOST_LITTLE_ENDIAN ? BigUint64Array : undefined,
    decode(view: DataView, offset: number): bigint {
      return view.getBigUint64(offset, little);
    },
  });
}

function signed64(name: string, little: boolean): Codec<bigint> {
  return Object.freeze({
    name,
    size: 8,
    align: 8,
    exact: true,
    encode(view: DataView, offset: number, value: bigint): void {
      if (typeof value !== 'bigint' || value < I64_MIN || value > I64_MAX)
        refuse(value, name, I64_MIN, I64_MAX);
      view.setBigInt64(offset, value, little);
    },
    elements: little === HOST_LITTLE_ENDIAN ? BigInt64Array : undefined,
    decode(view: DataView, offset: number): bigint {
      return view.getBigInt64(offset, little);
    },
  });
}

/** 64 bits, unsigned, in this machine's byte order, as a bigint. */
export const u64: Codec<bigint> = unsigned64('u64', HOST_LITTLE_ENDIAN);
/** 64 bits, unsigned, low byte first, as a bigint. */
export const u64le: Codec<bigint> = unsigned64('u64le', true);
/** 64 bits, unsigned, high byte first, as a bigint. */
export const u64be: Codec<bigint> = unsigned64('u64be', false);
/** 64 bits, signed, in this machine's byte order, as a bigint. */
export const i64: Codec<bigint> = signed64('i64', HOST_LITTLE_ENDIAN);
/** 64 bits, signed, low byte first, as a bigint. */
export const i64le: Codec<bigint> = signed64('i64le', true);
/** 64 bits, signed, high byte first, as a bigint. */
export const i64be: Codec<bigint> = signed64('i64be', false);
