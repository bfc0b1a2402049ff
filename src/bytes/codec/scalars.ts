import { HOST_LITTLE_ENDIAN } from '../byte-order.ts';
import type { Codec } from './codec.ts';
import { wrongType } from './problem.ts';

function float32(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 4,
    align: 4,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number') wrongType(value, 'a number');
      view.setFloat32(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getFloat32(offset, little);
    },
  });
}

function float64(name: string, little: boolean): Codec<number> {
  return Object.freeze({
    name,
    size: 8,
    align: 8,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number') wrongType(value, 'a number');
      view.setFloat64(offset, value, little);
    },
    decode(view: DataView, offset: number): number {
      return view.getFloat64(offset, little);
    },
  });
}

/** C's `float`, in this machine's byte order. A number is rounded to the nearest float, as in C. */
export const f32: Codec<number> = float32('f32', HOST_LITTLE_ENDIAN);
/** C's `float`, low byte first. */
export const f32le: Codec<number> = float32('f32le', true);
/** C's `float`, high byte first. */
export const f32be: Codec<number> = float32('f32be', false);
/** C's `double`, in this machine's byte order. */
export const f64: Codec<number> = float64('f64', HOST_LITTLE_ENDIAN);
/** C's `double`, low byte first. */
export const f64le: Codec<number> = float64('f64le', true);
/** C's `double`, high byte first. */
export const f64be: Codec<number> = float64('f64be', false);

/** C's `_Bool`: one byte, written as 0 or 1. Any byte other than 0 reads as true. */
export const bool: Codec<boolean> = Object.freeze({
  name: 'bool',
  size: 1,
  align: 1,
  encode(view: DataView, offset: number, value: boolean): void {
    if (typeof value !== 'boolean') wrongType(value, 'a boolean');
    view.setUint8(offset, value ? 1 : 0);
  },
  decode(view: DataView, offset: number): boolean {
    return view.getUint8(offset) !== 0;
  },
});

/** No bytes at all: the key of queues and stacks, the value of maps that only know keys. */
export const nothing: Codec<undefined> = Object.freeze({
  name: 'nothing',
  size: 0,
  align: 1,
  exact: true,
  encode(_view: DataView, _offset: number, value: undefined): void {
    if (value !== undefined) wrongType(value, 'undefined');
  },
  decode(): undefined {
    return undefined;
  },
});
