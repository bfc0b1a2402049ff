import type { ByteWriter } from '../bytes/index.ts';
import { checkInteger, wrongType } from '../errors/index.ts';
import { BTF_KINDS, type BtfInt, type BtfMember, type BtfType } from './types.ts';

/** A type without its number, as the builder takes it. */
export type NewBtfType = BtfType extends infer T
  ? T extends { readonly kind: 'void' }
    ? never
    : T extends BtfType
      ? Omit<T, 'id'>
      : never
  : never;

/** What the encoder of a type needs from the BTF that the type goes to. */
export interface TypeSink {
  readonly writer: ByteWriter;
  /** Offset of a string. A new string is stored. */
  string(text: string): number;
  /** Checks a number that refers to a type, and returns it. */
  target(id: number): number;
}

/** The most elements of a type: 24 bits. Kernels before 7.1 read 16 of them. */
const MAX_LENGTH = 0xff_ffff;
const LINKAGE = { static: 0, global: 1, extern: 2 } as const;
const ENCODING: { readonly [name in BtfInt['encoding']]: number } = {
  unsigned: 0,
  signed: 1,
  char: 2,
  bool: 4,
};

/** Appends one type. @throws RangeError for values the format has no room for */
export function encodeType(type: NewBtfType, sink: TypeSink): void {
  const { writer } = sink;
  const head = (word: number, length = 0, flag = false): void => {
    if (length > MAX_LENGTH)
      throw new RangeError(`${type.kind} with ${length} elements, more than ${MAX_LENGTH}`);
    const kind = BTF_KINDS.indexOf(type.kind);
    writer.u32(sink.string(type.name)).u32(((flag ? 0x8000_0000 : 0) | (kind << 24) | length) >>> 0);
    writer.u32(u32(word, `${type.kind} size or type`));
  };
  switch (type.kind) {
    case 'int':
      head(type.size);
      writer.u32(intData(type));
      return;
    case 'ptr':
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
      head(sink.target(type.type));
      return;
    case 'type_tag':
      head(sink.target(type.type), 0, type.attribute);
      return;
    case 'array':
      head(0);
      writer
        .u32(sink.target(type.type))
        .u32(sink.target(type.indexType))
        .u32(u32(type.length, 'array length'));
      return;
    case 'struct':
    case 'union': {
      const flag = type.members.some(({ bitSize }) => bitSize > 0);
      head(type.size, type.members.length, flag);
      for (const member of type.members) {
        writer.u32(sink.string(member.name)).u32(sink.target(member.type)).u32(memberOffset(member, flag));
      }
      return;
    }
    case 'enum':
      head(type.size, type.values.length, type.signed);
      for (const { name, value } of type.values) {
        writer.u32(sink.string(name)).u32(enumValue(name, value, type.signed));
      }
      return;
    case 'enum64':
      head(type.size, type.values.length, type.signed);
      for (const { name, value } of type.values) {
        const bits = BigInt.asUintN(64, value);
        if ((type.signed ? BigInt.asIntN(64, bits) : bits) !== value) {
          throw new RangeError(`enum64 value ${name} = ${value} does not fit 64 bits`);
        }
        writer
          .u32(sink.string(name))
          .u32(Number(bits & 0xffff_ffffn))
          .u32(Number(bits >> 32n));
      }
      return;
    case 'fwd':
      head(0, 0, type.of === 'union');
      return;
    case 'func':
      head(sink.target(type.type), LINKAGE[type.linkage]);
      return;
    case 'func_proto':
      head(sink.target(type.returnType), type.parameters.length);
      for (const parameter of type.parameters) {
        writer.u32(sink.string(parameter.name)).u32(sink.target(parameter.type));
      }
      return;
    case 'var':
      head(sink.target(type.type));
      writer.u32(LINKAGE[type.linkage]);
      return;
    case 'datasec':
      head(type.size, type.variables.length);
      for (const { type: variable, offset, size } of type.variables) {
        writer.u32(sink.target(variable)).u32(u32(offset, 'variable offset')).u32(u32(size, 'variable size'));
      }
      return;
    case 'float':
      head(type.size);
      return;
    case 'decl_tag':
      head(sink.target(type.type), 0, type.attribute);
      writer.u32(type.component);
      return;
  }
}

function u32(value: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    if (typeof value !== 'number') throw wrongType(what, 'a number', value);
    throw new RangeError(`${what} must be an integer from 0 to 2^32 - 1, got ${value}`);
  }
  return value;
}

function intData(type: Omit<BtfInt, 'id'>): number {
  if (type.size > 16 || type.bits + type.bitOffset > type.size * 8 || type.bits > 128) {
    throw new RangeError(`integer of ${type.size} bytes with ${type.bits} bits at bit ${type.bitOffset}`);
  }
  return (ENCODING[type.encoding] << 24) | (type.bitOffset << 16) | type.bits;
}

function memberOffset(member: BtfMember, bitFields: boolean): number {
  const offset = u32(member.bitOffset, `bit offset of ${member.name}`);
  if (!bitFields) return offset;
  if (offset > 0xff_ffff || !(member.bitSize >= 0 && member.bitSize <= 0xff)) {
    throw new RangeError(
      `${member.name} has ${member.bitSize} bits at bit ${offset}: beyond what bit fields allow`,
    );
  }
  return ((member.bitSize << 24) | offset) >>> 0;
}

function enumValue(name: string, value: number, signed: boolean): number {
  const [min, max] = signed ? [-0x8000_0000, 0x7fff_ffff] : [0, 0xffff_ffff];
  checkInteger(`enum value ${name}`, value, min, max);
  return value >>> 0;
}
