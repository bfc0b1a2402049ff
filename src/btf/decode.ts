import { FormatError } from '../errors/index.ts';
import { kindOfInfo, lengthOfInfo, TYPE_WORDS } from './type-index.ts';
import {
  BTF_KINDS,
  type BtfComposite,
  type BtfEnum,
  type BtfEnum64,
  type BtfInt,
  type BtfMember,
  type BtfType,
} from './types.ts';

/** One type's words and the strings it names: all that decoding needs of the BTF around it. */
export interface TypeSource {
  readonly words: Uint32Array;
  /** Word offset of the type. */
  readonly at: number;
  readonly id: number;
  readonly file: string | undefined;
  /** Types with this number or a higher one do not exist. */
  readonly limit: number;
  string(offset: number, blame: (problem: string) => FormatError): string;
}

const LINKAGE = ['static', 'global', 'extern'] as const;

function blame({ file, id, at }: TypeSource, problem: string): FormatError {
  return new FormatError(problem, { file, section: `.BTF type ${id}`, offset: at * 4 });
}

function text(source: TypeSource, offset: number): string {
  return source.string(offset, (problem) => blame(source, problem));
}

/** A checked number of a type. */
function target(source: TypeSource, type: number): number {
  const { limit } = source;
  if (type >= limit) throw blame(source, `refers to type ${type}, but there are only ${limit - 1}`);
  return type;
}

function linkage(source: TypeSource, value: number): (typeof LINKAGE)[number] {
  const name = LINKAGE[value];
  if (name === undefined) throw blame(source, `unknown linkage ${value}`);
  return name;
}

/** Builds the part that follows a type's first three words. */
function elements<T>(
  { words, at }: TypeSource,
  stride: number,
  make: (first: number, second: number, third: number) => T,
): T[] {
  const all: T[] = [];
  const start = at + TYPE_WORDS;
  const end = start + stride * lengthOfInfo(words[at + 1] as number);
  for (let i = start; i < end; i += stride) {
    all.push(make(words[i] as number, words[i + 1] as number, words[i + 2] as number));
  }
  return all;
}

/** Builds the object for one type. @throws FormatError at anything that the format does not allow */
export function decodeType(source: TypeSource): BtfType {
  const { words, at, id } = source;
  const info = words[at + 1] as number;
  const flag = info >>> 31 === 1;
  // The size, or the number of another type.
  const third = words[at + 2] as number;

  const kind = BTF_KINDS[kindOfInfo(info)] ?? 'void';
  const name = text(source, words[at] as number);
  switch (kind) {
    case 'void':
      throw blame(source, 'is of kind 0');
    case 'int':
      return decodeInt(source, name);
    case 'ptr':
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { kind, id, name, type: target(source, third) };
    case 'type_tag':
      return { kind, id, name, type: target(source, third), attribute: flag };
    case 'array': {
      const type = target(source, words[at + 3] as number);
      const indexType = target(source, words[at + 4] as number);
      return { kind, id, name, type, indexType, length: words[at + 5] as number };
    }
    case 'struct':
    case 'union': {
      const members: BtfMember[] = [];
      const length = lengthOfInfo(info);
      for (let i = 0; i < length; i++) members.push(decodeMember(source, i));
      return { kind, id, name, size: third, members } satisfies BtfComposite;
    }
    case 'enum': {
      const values = elements(source, 2, (name, value) => ({
        name: text(source, name),
        value: flag ? value | 0 : value,
      }));
      return { kind, id, name, size: third, signed: flag, values } satisfies BtfEnum;
    }
    case 'enum64': {
      const values = elements(source, 3, (name, low, high) => {
        const bits = (BigInt(high) << 32n) | BigInt(low);
        return { name: text(source, name), value: flag ? BigInt.asIntN(64, bits) : bits };
      });
      return { kind, id, name, size: third, signed: flag, values } satisfies BtfEnum64;
    }
    case 'fwd':
      return { kind, id, name, of: flag ? 'union' : 'struct' };
    case 'func':
      return {
        kind,
        id,
        name,
        type: target(source, third),
        linkage: linkage(source, lengthOfInfo(info)),
      };
    case 'func_proto':
      return {
        kind,
        id,
        name,
        returnType: target(source, third),
        parameters: elements(source, 2, (name, type) => ({
          name: text(source, name),
          type: target(source, type),
        })),
      };
    case 'var': {
      const where = linkage(source, words[at + 3] as number);
      return { kind, id, name, type: target(source, third), linkage: where };
    }
    case 'datasec': {
      const variables = elements(source, 3, (type, offset, size) => ({
        type: target(source, type),
        offset,
        size,
      }));
      return { kind, id, name, size: third, variables };
    }
    case 'float':
      return { kind, id, name, size: third };
    case 'decl_tag': {
      const component = (words[at + 3] as number) | 0;
      return { kind, id, name, type: target(source, third), component, attribute: flag };
    }
  }
}

/** Builds one member of a struct or union. @throws FormatError */
export function decodeMember(source: TypeSource, index: number): BtfMember {
  const { words, at } = source;
  const flag = (words[at + 1] as number) >>> 31 === 1;
  const first = at + TYPE_WORDS + 3 * index;
  const type = target(source, words[first + 1] as number);
  const offset = words[first + 2] as number;
  return {
    name: text(source, words[first] as number),
    type,
    bitOffset: flag ? offset & 0xff_ffff : offset,
    bitSize: flag ? offset >>> 24 : 0,
  };
}

/** Bits of a BTF_KIND_INT's encoding. */
const ENCODINGS: readonly (BtfInt['encoding'] | undefined)[] = [
  'unsigned',
  'signed',
  'char',
  'signed', // signed char, as some compilers write it
  'bool',
];

function decodeInt(source: TypeSource, name: string): BtfInt {
  const { words, at, id } = source;
  const size = words[at + 2] as number;
  const data = words[at + 3] as number;
  const encoding = ENCODINGS[(data >>> 24) & 0xf];
  const bitOffset = (data >>> 16) & 0xff;
  const bits = data & 0xff;
  if (encoding === undefined) throw blame(source, `unknown integer encoding ${(data >>> 24) & 0xf}`);
  if (size > 16 || bits + bitOffset > size * 8) {
    throw blame(source, `integer of ${size} bytes with ${bits} bits at bit ${bitOffset}`);
  }
  return { kind: 'int', id, name, size, encoding, bits, bitOffset };
}
