import type { BtfMember, BtfOutline } from '../types.ts';
import { type AccessSpec, memberOf } from './access.ts';
import type { CoreValue } from './core-value.ts';
import { isEnum } from './pair.ts';
import { Unrelocatable } from './problem.ts';
import { elementOf, type Side, sizeOf } from './side.ts';

/** The bytes that hold a field. For a bit field: the bytes that are loaded to read it. */
interface Storage {
  readonly type: BtfOutline;
  readonly offset: number;
  readonly size: number;
  readonly bits: number;
  readonly bitField: boolean;
}

/**
 * Where a bit field is loaded from: the smallest aligned integer that holds all of it, of the size of its declared type
 * or larger.
 */
function bitFieldStorage(side: Side, type: BtfOutline, spec: AccessSpec, bits: number): Storage {
  let size = sizeOf(side, type.id);
  if (size === 0) throw new Unrelocatable('the type of the bit field has no bytes');
  const start = (): number => Math.floor(spec.bitOffset / 8 / size) * size;
  while (spec.bitOffset + bits > (start() + size) * 8) {
    if (size >= 8) throw new Unrelocatable('the bit field cannot be read in one piece');
    size *= 2;
  }
  return { type, offset: start(), size, bits, bitField: true };
}

function storageOf(side: Side, member: BtfMember, spec: AccessSpec): Storage {
  const type = side.types.resolveOutline(member.type);
  if (member.bitSize > 0) return bitFieldStorage(side, type, spec, member.bitSize);
  const size = sizeOf(side, type.id);
  return { type, offset: Math.floor(spec.bitOffset / 8), size, bits: size * 8, bitField: false };
}

/** Shifts are computed in 32 bits. Shifts of fields wider than 64 bits, which are of no use, wrap around. */
function u32(value: number): bigint {
  return BigInt(value >>> 0);
}

/** An element of an array, or the whole type: it has an offset and a size, but is not a field. */
function elementValue(side: Side, kind: string, spec: AccessSpec, typeId: number): CoreValue {
  if (kind === 'field_byte_size') return { value: BigInt(sizeOf(side, typeId)), check: true };
  if (kind !== 'field_byte_offset')
    throw new Unrelocatable('only fields of structs and unions have this property');
  return {
    value: BigInt(Math.floor(spec.bitOffset / 8)),
    check: true,
    access: { size: sizeOf(side, elementOf(side, typeId).id), type: side.types.resolveOutline(typeId) },
  };
}

/**
 * What a relocation says about an existing field.
 *
 * @param littleEndian - the byte order of the machine
 * @throws Unrelocatable when it cannot be said
 */
export function fieldValue(side: Side, kind: string, spec: AccessSpec, littleEndian: boolean): CoreValue {
  if (kind === 'field_exists') return { value: 1n, check: true };
  const last = spec.accessors.at(-1);
  if (last === undefined) throw new Unrelocatable('the access string is empty');
  const member = memberOf(side.types, last);
  if (member === undefined) return elementValue(side, kind, spec, last.typeId);
  const { type, offset, size, bits, bitField } = storageOf(side, member, spec);
  // The compiler may load a bit field in another way, so its numbers cannot be compared.
  const check = !bitField;
  const before = spec.bitOffset - offset * 8;
  switch (kind) {
    case 'field_byte_offset': {
      const value = BigInt(offset);
      if (bitField) return { value, check };
      return { value, check, access: { size: sizeOf(side, elementOf(side, type.id).id), type } };
    }
    case 'field_byte_size':
      return { value: BigInt(size), check };
    case 'field_signed': {
      const signed = isEnum(type) ? type.signed : type.kind === 'int' && type.encoding === 'signed';
      return { value: signed ? 1n : 0n, check: true };
    }
    case 'field_lshift_u64':
      return { value: u32(littleEndian ? 64 - before - bits : (8 - size) * 8 + before), check };
    case 'field_rshift_u64':
      return { value: u32(64 - bits), check: true };
    default:
      throw new Unrelocatable('this kind of relocation is unknown');
  }
}
