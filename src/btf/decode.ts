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

/** One type's words and the strings it names; what decoding needs of the BTF around it. */
export interface TypeSource {
  readonly words: Uint32Array;
  /** Word offset of the type. */
  readonly at: number;
  readonly id: number;
  readonly file: string | undefined;
  /** Types with this number and higher do not exist. */
  readonly limit: number;
  string(offset: number, blame: (problem: string) => FormatError): string;
}

const LINKAGE = ['static', 'global', 'extern'] as const;

/** Builds the object for one type. @throws FormatError at anything the format does not allow */
export function decodeType(source: TypeSource): BtfType {
  const { words, at, id } = source;
  const word = (index: number): number => words[at + index] as number;
  const info = word(1);
  const length = lengthOfInfo(info);
  const flag = info >>> 31 === 1;
  const blame = (problem: string): FormatError =>
    new FormatError(problem, { file: source.file, section: `.BTF type ${id}`, offset: at * 4 });
  const text = (offset: number): string => source.string(offset, blame);
  const target = (type: number): number => {
    if (type >= source.limit) throw blame(`refers to type ${type}, but there are only ${source.limit - 1}`);
    return type;
  };
  const linkage = (value: number): (typeof LINKAGE)[number] => {
    const name = LINKAGE[value];
    if (name === undefined) throw blame(`unknown linkage ${value}`);
    return name;
  };
  const elements = <T>(stride: number, make: (index: number) => T): T[] => {
    const all: T[] = [];
    for (let i = 0; i < length; i++) all.push(make(TYPE_WORDS + i * stride));
    return all;
  };

  const kind = BTF_KINDS[kindOfInfo(info)] ?? 'void';
  const name = text(word(0));
  switch (kind) {
    case 'void':
      throw blame('is of kind 0');
    case 'int':
      return decodeInt(id, name, word(2), word(3), blame);
    case 'ptr':
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { kind, id, name, type: target(word(2)) };
    case 'type_tag':
      return { kind, id, name, type: target(word(2)), attribute: flag };
    case 'array':
      return { kind, id, name, type: target(word(3)), indexType: target(word(4)), length: word(5) };
    case 'struct':
    case 'union': {
      const members: BtfMember[] = [];
      for (let i = 0; i < length; i++) members.push(decodeMember(source, i));
      return { kind, id, name, size: word(2), members } satisfies BtfComposite;
    }
    case 'enum': {
      const values = elements(2, (i) => ({
        name: text(word(i)),
        value: flag ? word(i + 1) | 0 : word(i + 1),
      }));
      return { kind, id, name, size: word(2), signed: flag, values } satisfies BtfEnum;
    }
    case 'enum64': {
      const values = elements(3, (i) => {
        const bits = (BigInt(word(i + 2)) << 32n) | BigInt(word(i + 1));
        return { name: text(word(i)), value: flag ? BigInt.asIntN(64, bits) : bits };
      });
      return { kind, id, name, size: word(2), signed: flag, values } satisfies BtfEnum64;
    }
    case 'fwd':
      return { kind, id, name, of: flag ? 'union' : 'struct' };
    case 'func':
      return { kind, id, name, type: target(word(2)), linkage: linkage(length) };
    case 'func_proto':
      return {
        kind,
        id,
        name,
        returnType: target(word(2)),
        parameters: elements(2, (i) => ({ name: text(word(i)), type: target(word(i + 1)) })),
      };
    case 'var':
      return { kind, id, name, type: target(word(2)), linkage: linkage(word(3)) };
    case 'datasec': {
      const variables = elements(3, (i) => ({
        type: target(word(i)),
        offset: word(i + 1),
        size: word(i + 2),
      }));
      return { kind, id, name, size: word(2), variables };
    }
    case 'float':
      return { kind, id, name, size: word(2) };
    case 'decl_tag':
      return { kind, id, name, type: target(word(2)), component: word(3) | 0, attribute: flag };
  }
}

/** Builds one member of a struct or union. @throws FormatError */
export function decodeMember({ words, at, id, file, limit, string }: TypeSource, index: number): BtfMember {
  const flag = (words[at + 1] as number) >>> 31 === 1;
  const first = at + TYPE_WORDS + 3 * index;
  const type = words[first + 1] as number;
  const offset = words[first + 2] as number;
  const blame = (problem: string): FormatError =>
    new FormatError(problem, { file, section: `.BTF type ${id}`, offset: at * 4 });
  if (type >= limit) throw blame(`refers to type ${type}, but there are only ${limit - 1}`);
  return {
    name: string(words[first] as number, blame),
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

function decodeInt(
  id: number,
  name: string,
  size: number,
  data: number,
  blame: (problem: string) => FormatError,
): BtfInt {
  const encoding = ENCODINGS[(data >>> 24) & 0xf];
  const bitOffset = (data >>> 16) & 0xff;
  const bits = data & 0xff;
  if (encoding === undefined) throw blame(`unknown integer encoding ${(data >>> 24) & 0xf}`);
  if (size > 16 || bits + bitOffset > size * 8) {
    throw blame(`integer of ${size} bytes with ${bits} bits at bit ${bitOffset}`);
  }
  return { kind: 'int', id, name, size, encoding, bits, bitOffset };
}
