import type { BtfTypes } from '../btf-types.ts';
import type { CoreRelocation } from '../ext/index.ts';
import type { BtfArray, BtfMember } from '../types.ts';
import { familyOf } from './kinds.ts';
import { isComposite } from './pair.ts';
import { Unrelocatable } from './problem.ts';
import { type Side, sizeOf } from './side.ts';

/** A step from a type to a part of it. Anonymous structs and unions on the way are not separate steps. */
export interface Accessor {
  /** For a member: the struct or union it is in. For an element: the type of the element, without typedefs. */
  readonly typeId: number;
  /** Number of the member, element or enum value. */
  readonly index: number;
  /** For a member or an enum value. */
  readonly name: string | undefined;
}

/** The way from a type to a field, an enum value, or (without accessors) the type itself. */
export interface AccessSpec {
  /** The type it starts from, with its typedefs. */
  readonly root: number;
  readonly accessors: readonly Accessor[];
  /** The offset of the field, in bits from the start of the type. */
  readonly bitOffset: number;
}

/** The most levels of a path, including anonymous ones (BPF_CORE_SPEC_MAX_LEN of libbpf and the kernel). */
export const MAX_LEVELS = 64;

const ACCESS = /^\d{1,10}(?::\d{1,10})*$/;
/** Bit offsets have 32 bits. */
const MAX_OFFSET = 2 ** 32;

/** The numbers of an access string. @throws Unrelocatable when it is not one */
function numbersOf(access: string): number[] {
  const numbers = ACCESS.test(access) ? access.split(':').map(Number) : [];
  if (numbers.length === 0 || numbers.some((number) => number >= 2 ** 31)) {
    throw new Unrelocatable('the access string is malformed');
  }
  if (numbers.length > MAX_LEVELS) {
    throw new Unrelocatable(`the access string has ${numbers.length} levels, more than ${MAX_LEVELS}`);
  }
  return numbers;
}

/** The member that an accessor names; `undefined` for elements. */
export function memberOf(types: BtfTypes, accessor: Accessor): BtfMember | undefined {
  if (accessor.name === undefined) return undefined;
  return types.member(accessor.typeId, accessor.index);
}

/**
 * Whether an array may be indexed beyond its end: an array without length that is the last member of its struct.
 *
 * @param last - the accessor that led to the array
 */
export function isFlexible(types: BtfTypes, last: Accessor | undefined, array: BtfArray): boolean {
  if (last?.name === undefined || array.length > 0) return false;
  const owner = types.outline(last.typeId);
  return isComposite(owner) && last.index === owner.length - 1;
}

/** @throws Unrelocatable when a bit offset has more than 32 bits */
export function checkedOffset(bitOffset: number): number {
  if (bitOffset >= MAX_OFFSET) throw new Unrelocatable('the field is too far from the start of the type');
  return bitOffset;
}

/**
 * Follows a relocation's access string through the object's own types.
 *
 * @throws Unrelocatable when the types have no such part
 */
export function parseAccess(local: Side, relocation: CoreRelocation): AccessSpec {
  const { types } = local;
  const { typeId: root, access, kind } = relocation;
  const family = familyOf(kind);
  if (family === undefined) throw new Unrelocatable('this kind of relocation is unknown');
  if (root > types.count) throw new Unrelocatable(`there are only ${types.count} types`);
  if (family === 'type') {
    if (access !== '0') throw new Unrelocatable(`the access string of a type must be 0, not ${access}`);
    return { root, accessors: [], bitOffset: 0 };
  }
  const numbers = numbersOf(access);
  const first = numbers[0] as number;
  const type = types.resolveOutline(root);
  if (family === 'enumval') {
    const value = type.kind === 'enum' || type.kind === 'enum64' ? type.values[first] : undefined;
    if (value === undefined || numbers.length > 1) throw new Unrelocatable('there is no such enum value');
    return { root, accessors: [{ typeId: type.id, index: first, name: value.name }], bitOffset: 0 };
  }
  return followFields(local, { typeId: type.id, index: first, name: undefined }, root, numbers);
}

/** @param numbers - the whole access, including the number of `first` */
function followFields(local: Side, first: Accessor, root: number, numbers: readonly number[]): AccessSpec {
  const { types } = local;
  const accessors = [first];
  let bitOffset = first.index * sizeOf(local, first.typeId) * 8;
  let id = first.typeId;
  for (let i = 1; i < numbers.length; i++) {
    const index = numbers[i] as number;
    const type = types.resolveOutline(id);
    if (isComposite(type)) {
      const member = types.member(type.id, index);
      if (member === undefined) {
        throw new Unrelocatable(`${type.kind} ${type.name} has ${type.length} members, not ${index + 1}`);
      }
      bitOffset += member.bitOffset;
      if (member.name !== '') accessors.push({ typeId: type.id, index, name: member.name });
      id = member.type;
    } else if (type.kind === 'array') {
      if (index >= type.length && !isFlexible(types, accessors.at(-1), type)) {
        throw new Unrelocatable(`an array of ${type.length} has no element ${index}`);
      }
      id = types.resolveOutline(type.type).id;
      accessors.push({ typeId: id, index, name: undefined });
      bitOffset += index * sizeOf(local, id) * 8;
    } else {
      throw new Unrelocatable(`a ${type.kind} has no parts`);
    }
    checkedOffset(bitOffset);
  }
  return { root, accessors, bitOffset: checkedOffset(bitOffset) };
}
