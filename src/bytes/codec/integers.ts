import { HOST_LITTLE_ENDIAN } from '../byte-order.ts';
import type { Codec } from './codec.ts';
import { article, outOfRange, wrongType } from './problem.ts';

/**
 * Says why `value` is not an integer of this type. Separate from the encoders so that they stay small enough to inline.
 */
function refuse(value: unknown, name: string, min: number, max: number): never {
  if (typeof value === 'bigint') wrongType(value, `${article(name)} as a number`);
  if (typeof value !== 'number') wrongType(value, `${article(name)} (${min} to ${max})`);
  outOfRange(`${value} is not ${article(name)} (${min} to ${max})`);
}

/** Unsigned byte. */
export const u8: Codec<number> = Object.freeze({
  name: 'u8',
  size: 1,
  align: 1,
  exact: true,
  encode(view: DataView, offset: number, value: number): void {
    if (typeof value !== 'number' || (value & 0xff) !== value) refuse(value, 'u8', 0, 0xff);
    view.setUint8(offset, value);
  },
  decode(view: DataView, offset: number): number {
    return view.getUint8(offset);
  },
});

/** Signed byte. */
export const i8: Codec<number> = Object.freeze({
  name: 'i8',
  size: 1,
  align: 1,
  exact: true,
  encode(view: DataView, offset: number, value: number): void {
    if (typeof value !== 'number' || (value << 24) >> 24 !== value) refuse(value, 'i8', -0x80, 0x7f);
    view.setInt8(offset, value);
  },
  decode(view: DataView, offset: number): number {
    return view.getInt8(offset);
  },
});

function unsigned16(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 2,
    align: 2,
    exact: true,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number' || (value & 0xffff) !== value) refuse(value, name, 0, 0xffff);
      view.setUint16(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getUint16(offset, little);
    },
  });
}

function signed16(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 2,
    align: 2,
    exact: true,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number' || (value << 16) >> 16 !== value) refuse(value, name, -0x8000, 0x7fff);
      view.setInt16(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getInt16(offset, little);
    },
  });
}

function unsigned32(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 4,
    align: 4,
    exact: true,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number' || value >>> 0 !== value) refuse(value, name, 0, 0xffff_ffff);
      view.setUint32(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getUint32(offset, little);
    },
  });
}

function signed32(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 4,
    align: 4,
    exact: true,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number' || (value | 0) !== value) refuse(value, name, -0x8000_0000, 0x7fff_ffff);
      view.setInt32(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getInt32(offset, little);
    },
  });
}

/** 16 bits, unsigned, in this machine's byte order. */
export const u16: Codec<number> = unsigned16('u16', HOST_LITTLE_ENDIAN);
/** 16 bits, unsigned, low byte first. */
export const u16le: Codec<number> = unsigned16('u16le', true);
/** 16 bits, unsigned, high byte first: network order, as in port numbers. */
export const u16be: Codec<number> = unsigned16('u16be', false);
/** 16 bits, signed, in this machine's byte order. */
export const i16: Codec<number> = signed16('i16', HOST_LITTLE_ENDIAN);
/** 16 bits, signed, low byte first. */
export const i16le: Codec<number> = signed16('i16le', true);
/** 16 bits, signed, high byte first. */
export const i16be: Codec<number> = signed16('i16be', false);
/** 32 bits, unsigned, in this machine's byte order. */
export const u32: Codec<number> = unsigned32('u32', HOST_LITTLE_ENDIAN);
/** 32 bits, unsigned, low byte first. */
export const u32le: Codec<number> = unsigned32('u32le', true);
/** 32 bits, unsigned, high byte first: network order, as in IPv4 addresses. */
export const u32be: Codec<number> = unsigned32('u32be', false);
/** 32 bits, signed, in this machine's byte order. */
export const i32: Codec<number> = signed32('i32', HOST_LITTLE_ENDIAN);
/** 32 bits, signed, low byte first. */
export const i32le: Codec<number> = signed32('i32le', true);
/** 32 bits, signed, high byte first. */
export const i32be: Codec<number> = signed32('i32be', false);
