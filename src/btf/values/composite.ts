import { type Codec, wrongType } from '../../bytes/codec/index.ts';
import { bitsOf } from '../resolver.ts';
import type { BtfComposite, BtfDataSection, BtfMember, BtfType } from '../types.ts';
import type { Made, Maker } from './made.ts';
import { memberPart, movedPart, type Part, specialPart, structPart, type Value } from './part.ts';
import { bitField } from './scalars.ts';
import { unionPart } from './union.ts';

interface Placed {
  readonly part: Part;
  readonly values: number;
  readonly align: number;
}

function placeMember(
  maker: Maker,
  owner: BtfComposite,
  member: BtfMember,
  depth: number,
): Placed | undefined {
  const type = maker.resolve(member.type);
  const problem = (text: string): Error => maker.error(owner.id, `member "${member.name}" ${text}`);
  const field = bitsOf(member, type);
  if (field !== undefined) {
    if (type.kind !== 'int' && type.kind !== 'enum' && type.kind !== 'enum64') {
      throw problem(`is a bit field of kind ${type.kind}`);
    }
    const { start, width } = field;
    if (width === 0 || width > type.size * 8) throw problem(`has ${width} bits, its type ${type.size} bytes`);
    if (member.name === '') return undefined;
    const codec = bitField(type, { shift: start % 8, width }, maker.types.littleEndian);
    const span = { start, end: start + width };
    return { part: memberPart(member.name, codec, Math.floor(start / 8), span), values: 1, align: 1 };
  }
  if (member.bitOffset % 8 !== 0) throw problem(`lies at bit ${member.bitOffset}, but is not a bit field`);
  const { codec, values, special, part } = maker.make(member.type, depth + 1);
  const at = member.bitOffset / 8;
  const span = { start: member.bitOffset, end: member.bitOffset + codec.size * 8 };
  const { align } = codec;
  if (special) return { part: specialPart(span), values, align };
  if (member.name !== '') return { part: memberPart(member.name, codec, at, span), values, align };
  return part === undefined ? undefined : { part: movedPart(part, at), values, align };
}

function checkParts(maker: Maker, owner: BtfType, parts: readonly Part[], size: number): void {
  const seen = new Set<string>();
  for (const { names, end } of parts) {
    if (end > size * 8) {
      throw maker.error(
        owner.id,
        `member "${names[0] ?? ''}" ends at bit ${end}, after the ${size} bytes there are`,
      );
    }
    for (const name of names) {
      if (seen.has(name)) throw maker.error(owner.id, `has two members named "${name}"`);
      if (name === '__proto__')
        throw maker.error(owner.id, 'has a member __proto__, which no object can have');
      seen.add(name);
    }
  }
}

function objectCodec(name: string, part: Part, size: number, align: number): Codec<unknown> {
  const expected = `an object with ${part.names.join(', ')}`;
  return {
    name,
    size,
    align,
    exact: part.exact,
    partAt: part.at,
    encode(view: DataView, offset: number, value: unknown): void {
      if (typeof value !== 'object' || value === null) wrongType(value, expected);
      part.encode(view, offset, value as Value);
    },
    decode(view: DataView, offset: number): unknown {
      const value: Value = {};
      part.decode(view, offset, value);
      return value;
    },
  };
}

/**
 * The alignment that the compiler gives a struct. BTF does not say it, but the places of the members show a packed one.
 */
function alignOf(members: readonly Placed[], size: number): number {
  const align = members.reduce((most, member) => Math.max(most, member.align), 1);
  const natural = members.every(
    ({ part, align: own }) => part.start % 8 !== 0 || part.start % (own * 8) === 0,
  );
  return natural && size % align === 0 ? align : 1;
}

/** The codec of a struct or union. */
export function compositeCodec(maker: Maker, type: BtfComposite, depth: number): Made {
  const { size } = type;
  const members = type.members
    .map((member) => placeMember(maker, type, member, depth))
    .filter((member) => member !== undefined);
  const parts = members.map((member) => member.part);
  checkParts(maker, type, parts, size);
  const part = (type.kind === 'struct' ? structPart : unionPart)(parts, size, maker.types.littleEndian);
  const values = members.reduce((sum, member) => sum + member.values, 1);
  const name = `${type.kind} ${type.name || '{\u2026}'}`;
  return { codec: objectCodec(name, part, size, alignOf(members, size)), values, part };
}

/** The codec of a data section: its variables as one object. */
export function sectionCodec(maker: Maker, type: BtfDataSection, depth: number): Made {
  const members: Placed[] = [];
  let size = type.size;
  for (const { type: id, offset, size: room } of type.variables) {
    if (maker.types.kindOf(id) !== 'var') continue;
    const { codec, values, special } = maker.make(id, depth + 1);
    // More room than its type needs: a struct with an initialised flexible array at its end.
    if (codec.size > room) {
      throw maker.error(
        type.id,
        `variable "${maker.types.nameOf(id)}" has ${room} bytes, but its type has ${codec.size}`,
      );
    }
    const span = { start: offset * 8, end: (offset + room) * 8 };
    const part = special ? specialPart(span) : memberPart(maker.types.nameOf(id), codec, offset, span);
    members.push({ part, values, align: codec.align });
    if (type.size === 0) size = Math.max(size, offset + room);
  }
  const parts = members.map((member) => member.part);
  checkParts(maker, type, parts, size);
  const part = structPart(parts, size, maker.types.littleEndian);
  const values = members.reduce((sum, member) => sum + member.values, 1);
  return { codec: objectCodec(type.name, part, size, alignOf(members, size)), values };
}
