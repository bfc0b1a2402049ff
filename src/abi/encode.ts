import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { didYouMean } from '../errors/index.ts';
import type { AddressOf, Field, Layout, U64 } from './layout.ts';

const utf8 = new TextEncoder();

/** Zero-fills `layout.size` bytes of `view`. @throws RangeError if the view is shorter */
export function clear(layout: Layout, view: DataView): void {
  const { size } = layout;
  if (view.byteLength < size) {
    throw new RangeError(`${layout.name} needs ${size} bytes, the buffer has ${view.byteLength}`);
  }
  let at = 0;
  for (; at + 4 <= size; at += 4) view.setInt32(at, 0);
  for (; at < size; at++) view.setInt8(at, 0);
}

/**
 * Writes the fields that are present in `values` and not undefined. The rest of `view` stays as it is.
 *
 * @returns the end of the last field written, from the start of the outermost structure
 * @throws TypeError for an unknown field or a value of the wrong type
 * @throws RangeError for a number that its field cannot hold
 */
export function encodeFields(
  layout: Layout,
  values: object,
  view: DataView,
  addressOf: AddressOf,
  base = 0,
): number {
  let end = 0;
  for (const name in values) {
    const value: unknown = (values as { readonly [name: string]: unknown })[name];
    if (value === undefined) continue;
    const field = Object.hasOwn(layout.fields, name) ? layout.fields[name] : undefined;
    if (field === undefined) {
      throw new TypeError(
        `${layout.name} has no field "${name}"${didYouMean(name, Object.keys(layout.fields))}`,
      );
    }
    end = Math.max(end, encodeField(layout, name, field, value, view, addressOf, base));
  }
  return end;
}

function encodeField(
  layout: Layout,
  name: string,
  field: Field,
  value: unknown,
  view: DataView,
  addressOf: AddressOf,
  base: number,
): number {
  const at = base + field.offset;
  switch (field.form) {
    case 'u32':
      view.setUint32(at, integer(layout, name, value, 0, 0xffff_ffff), HOST_LITTLE_ENDIAN);
      return at + 4;
    case 's32':
      view.setInt32(at, integer(layout, name, value, -0x8000_0000, 0x7fff_ffff), HOST_LITTLE_ENDIAN);
      return at + 4;
    case 'u64':
    case 's64':
      encode64(layout, name, value as U64, view, at, addressOf);
      return at + 8;
    case 'u8':
      view.setUint8(at, integer(layout, name, value, 0, 0xff));
      return at + 1;
    case 'u16':
      view.setUint16(at, integer(layout, name, value, 0, 0xffff), HOST_LITTLE_ENDIAN);
      return at + 2;
    case 'text':
    case 'bytes':
      encodeBytes(layout, name, field, value, view, at);
      return at + field.length;
    case 'bits': {
      const bits = integer(layout, name, value, 0, 2 ** field.width - 1);
      const shift = HOST_LITTLE_ENDIAN ? field.shift : 32 - field.shift - field.width;
      const mask = (2 ** field.width - 1) << shift;
      const old = view.getUint32(at, HOST_LITTLE_ENDIAN);
      view.setUint32(at, (old & ~mask) | (bits << shift), HOST_LITTLE_ENDIAN);
      return at + 4;
    }
    case 'struct':
      if (typeof value !== 'object' || value === null) throw wrongType(layout, name, 'an object', value);
      return encodeFields(field.layout, value, view, addressOf, at);
  }
}

function integer(layout: Layout, name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw wrongType(layout, name, 'a number', value);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${layout.name}.${name} must be an integer from ${min} to ${max}, got ${value}`);
  }
  return value;
}

function encode64(
  layout: Layout,
  name: string,
  value: U64,
  view: DataView,
  at: number,
  addressOf: AddressOf,
): void {
  if (typeof value === 'bigint') {
    if (BigInt.asUintN(64, value) !== value && BigInt.asIntN(64, value) !== value) {
      throw new RangeError(`${layout.name}.${name} must fit 64 bits, got ${value}`);
    }
    view.setBigUint64(at, BigInt.asUintN(64, value), HOST_LITTLE_ENDIAN);
    return;
  }
  const number = value instanceof Uint8Array ? addressOf(value) : value;
  if (typeof number !== 'number') throw wrongType(layout, name, 'a number, a bigint or a Uint8Array', value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new RangeError(
      `${layout.name}.${name} must be an integer from 0 to 2^53 - 1, or a bigint, got ${number}`,
    );
  }
  const high = Math.floor(number / 0x1_0000_0000);
  view.setUint32(HOST_LITTLE_ENDIAN ? at : at + 4, number % 0x1_0000_0000, HOST_LITTLE_ENDIAN);
  view.setUint32(HOST_LITTLE_ENDIAN ? at + 4 : at, high, HOST_LITTLE_ENDIAN);
}

function encodeBytes(
  layout: Layout,
  name: string,
  field: { readonly form: 'text' | 'bytes'; readonly length: number },
  value: unknown,
  view: DataView,
  at: number,
): void {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw wrongType(layout, name, 'a string or a Uint8Array', value);
  }
  // A string needs room for its NUL.
  const room = field.form === 'text' ? field.length - 1 : field.length;
  if (typeof value === 'string' && value.length <= room && writeAscii(value, view, at)) return;
  const content = typeof value === 'string' ? utf8.encode(value) : value;
  if (content.length > room) {
    throw new RangeError(
      `${layout.name}.${name} holds ${room} bytes, got ${content.length}: ${JSON.stringify(String(value))}`,
    );
  }
  new Uint8Array(view.buffer, view.byteOffset + at, field.length).set(content);
}

/** Writes ASCII text, such as a name; false if it is not ASCII. For this few bytes, TextEncoder is far slower. */
function writeAscii(value: string, view: DataView, at: number): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0x80) return false;
    view.setUint8(at + i, code);
  }
  return true;
}

function wrongType(layout: Layout, name: string, wanted: string, value: unknown): TypeError {
  const seen = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new TypeError(`${layout.name}.${name} must be ${wanted}, got ${seen}`);
}
