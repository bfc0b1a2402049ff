import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import type { Field, Layout } from './layout.ts';

const utf8 = new TextDecoder();

/** A decoded structure: numbers, bigints for 64-bit fields, strings, bytes, and nested structures. */
export interface Decoded {
  readonly [name: string]: number | bigint | string | Uint8Array | Decoded;
}

/**
 * Reads all fields of a structure, of which the kernel filled `length` bytes. Fields that an older kernel does not have
 * read as zero. Fields that are newer than this library are left out.
 */
export function decodeStruct(layout: Layout, view: DataView, length: number, base = 0): Decoded {
  const result: Record<string, Decoded[string]> = {};
  const end = Math.min(length, view.byteLength);
  for (const [name, field] of Object.entries(layout.fields)) {
    result[name] = decodeField(field, view, end, base);
  }
  return result;
}

/** Reads one field; zero or empty if it does not end by `end`. */
export function decodeField(field: Field, view: DataView, end: number, base = 0): Decoded[string] {
  const at = base + field.offset;
  const has = (size: number): boolean => at + size <= end;
  switch (field.form) {
    case 'u8':
      return has(1) ? view.getUint8(at) : 0;
    case 'u16':
      return has(2) ? view.getUint16(at, HOST_LITTLE_ENDIAN) : 0;
    case 'u32':
      return has(4) ? view.getUint32(at, HOST_LITTLE_ENDIAN) : 0;
    case 's32':
      return has(4) ? view.getInt32(at, HOST_LITTLE_ENDIAN) : 0;
    case 'u64':
      return has(8) ? view.getBigUint64(at, HOST_LITTLE_ENDIAN) : 0n;
    case 's64':
      return has(8) ? view.getBigInt64(at, HOST_LITTLE_ENDIAN) : 0n;
    case 'text': {
      if (!has(field.length)) return '';
      const content = new Uint8Array(view.buffer, view.byteOffset + at, field.length);
      const nul = content.indexOf(0);
      return utf8.decode(nul === -1 ? content : content.subarray(0, nul));
    }
    case 'bytes': {
      if (!has(field.length)) return new Uint8Array(field.length);
      return new Uint8Array(view.buffer, view.byteOffset + at, field.length).slice();
    }
    case 'bits': {
      if (!has(4)) return 0;
      const shift = HOST_LITTLE_ENDIAN ? field.shift : 32 - field.shift - field.width;
      return (view.getUint32(at, HOST_LITTLE_ENDIAN) >>> shift) & (2 ** field.width - 1);
    }
    case 'struct':
      return decodeStruct(field.layout, view, end, at);
  }
}
