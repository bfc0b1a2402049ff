import { type Codec, outOfRange, wrongType } from '../../bytes/codec/index.ts';

/** Where a bit field lies and how it is read. */
export interface BitField {
  /** From the first byte: counted from its lowest bit if the low byte comes first, else from its highest. */
  readonly shift: number;
  /** At least 1. */
  readonly width: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
}

/** Up to this width a field and the bits around it, at most seven on one side, are exact as a number. */
const NUMBER_WIDTH = 32;

/** How far the field's lowest bit is above the lowest bit of the bytes, taken as one integer. */
function distance({ shift, width, littleEndian }: BitField, size: number): number {
  return littleEndian ? shift : size * 8 - shift - width;
}

function rangeOf({ width, signed }: BitField): readonly [bigint, bigint] {
  const span = 1n << BigInt(width);
  return signed ? [-span / 2n, span / 2n - 1n] : [0n, span - 1n];
}

function nameOf({ signed, width }: BitField): string {
  return `${signed ? 'signed' : 'unsigned'} bit field of ${width} bit${width === 1 ? '' : 's'}`;
}

function refuseRange(field: BitField, value: unknown): never {
  const [min, max] = rangeOf(field);
  outOfRange(`${value} does not fit ${min} to ${max}, the range of a ${nameOf(field)}`);
}

/** A bit field as a number; `width` is at most 32. */
function numberBits(field: BitField): Codec<number> {
  const { width, signed, littleEndian, shift } = field;
  const size = Math.ceil((shift + width) / 8);
  const scale = 2 ** distance(field, size);
  const span = 2 ** width;
  const byteAt = (i: number): number => (littleEndian ? size - 1 - i : i);
  function load(view: DataView, offset: number): number {
    let all = 0;
    for (let i = 0; i < size; i++) all = all * 256 + view.getUint8(offset + byteAt(i));
    return all;
  }
  return {
    name: nameOf(field),
    size,
    align: 1,
    exact: true,
    encode(view: DataView, offset: number, value: number): void {
      if (typeof value !== 'number') wrongType(value, `a number for a ${nameOf(field)}`);
      const [min, max] = signed ? [-span / 2, span / 2 - 1] : [0, span - 1];
      if (!Number.isInteger(value) || value < min || value > max) refuseRange(field, value);
      const all = load(view, offset);
      const before = Math.floor(all / scale) % span;
      let rest = all + ((value < 0 ? value + span : value) - before) * scale;
      for (let i = size - 1; i >= 0; i--) {
        view.setUint8(offset + byteAt(i), rest % 256);
        rest = Math.floor(rest / 256);
      }
    },
    decode(view: DataView, offset: number): number {
      const value = Math.floor(load(view, offset) / scale) % span;
      return signed && value >= span / 2 ? value - span : value;
    },
  };
}

/** A bit field, or an integer of 128 bits, as a bigint. */
export function bigBits(field: BitField, name: string = nameOf(field)): Codec<bigint> {
  const { width, signed, littleEndian, shift } = field;
  const size = Math.ceil((shift + width) / 8);
  const low = BigInt(distance(field, size));
  const [min, max] = rangeOf(field);
  const byteAt = (i: number): number => (littleEndian ? size - 1 - i : i);
  function load(view: DataView, offset: number): bigint {
    let all = 0n;
    for (let i = 0; i < size; i++) all = (all << 8n) | BigInt(view.getUint8(offset + byteAt(i)));
    return all;
  }
  return {
    name,
    size,
    align: 1,
    exact: true,
    encode(view: DataView, offset: number, value: bigint): void {
      if (typeof value !== 'bigint') wrongType(value, `a bigint for a ${name}`);
      if (value < min || value > max) refuseRange(field, `${value}n`);
      const all = load(view, offset);
      const before = BigInt.asUintN(width, all >> low);
      let rest = all ^ ((before ^ BigInt.asUintN(width, value)) << low);
      for (let i = size - 1; i >= 0; i--) {
        view.setUint8(offset + byteAt(i), Number(rest & 0xffn));
        rest >>= 8n;
      }
    },
    decode(view: DataView, offset: number): bigint {
      const raw = BigInt.asUintN(width, load(view, offset) >> low);
      return signed ? BigInt.asIntN(width, raw) : raw;
    },
  };
}

/** @param big - whether the values are bigints, as those of any type of more than four bytes are */
export function bits(field: BitField, big: boolean): Codec<number> | Codec<bigint> {
  if (!big && field.width <= NUMBER_WIDTH) return numberBits(field);
  return bigBits(field);
}
