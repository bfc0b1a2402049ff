import { type Codec, u64be, u64le } from '../../bytes/codec/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import { Resolver } from '../resolver.ts';
import type { BtfArray, BtfType } from '../types.ts';
import { arrayOf } from './arrays.ts';
import { compositeCodec, sectionCodec } from './composite.ts';
import type { Made } from './made.ts';
import { float, scalar } from './scalars.ts';
import { isSpecial, untouched } from './special.ts';

/**
 * The most structs and arrays within each other. The kernel allows 32. The limit keeps hostile types from exhausting
 * the stack.
 */
const MAX_DEPTH = 64;
/** No map value and no variable is larger, and codecs accept no more. */
const MAX_SIZE = 0x7fff_ffff;

/** Makes codecs and keeps them, so that the work done for hostile types is in proportion to their number. */
class Codecs extends Resolver {
  readonly #made = new Map<number, Made>();

  /** The codec of a type, and how many values one decoded value consists of. */
  make(id: number, depth: number): Made {
    const type = this.resolve(id);
    const before = this.#made.get(type.id);
    if (before !== undefined) return before;
    if (depth > MAX_DEPTH)
      throw this.error(type.id, `types are nested deeper than ${MAX_DEPTH}, or without end`);
    const made = this.#new(type, depth);
    if (made.codec.size > MAX_SIZE)
      throw this.error(type.id, `size ${made.codec.size} is too large for a value`);
    // Real types have at most a few values for each byte. Hostile ones could make an object of any size from no bytes.
    if (made.values > 64 * made.codec.size + 65_536) {
      throw this.error(type.id, `${made.values} values in ${made.codec.size} bytes are too many`);
    }
    this.#made.set(type.id, made);
    return made;
  }

  #new(type: BtfType, depth: number): Made {
    const { littleEndian, pointerSize } = this.types;
    if (isSpecial(this.types, type)) {
      const size = type.kind === 'struct' ? type.size : pointerSize;
      return {
        codec: untouched(type.name || 'kptr', size, size % 8 === 0 ? 8 : 4),
        values: 0,
        special: true,
      };
    }
    switch (type.kind) {
      case 'int':
      case 'enum':
      case 'enum64': {
        const codec = scalar(type, littleEndian);
        if (codec === undefined) throw this.error(type.id, `${type.kind} of ${type.size} bytes`);
        return { codec, values: 1 };
      }
      case 'float':
        if (type.size === 0 || type.size > MAX_SIZE) {
          throw this.error(type.id, `float of ${type.size} bytes`);
        }
        return { codec: float(type, littleEndian), values: 1 };
      case 'ptr':
        return { codec: littleEndian ? u64le : u64be, values: 1 };
      case 'array':
        return this.#array(type, depth);
      case 'struct':
      case 'union':
        return compositeCodec(this, type, depth);
      case 'datasec':
        return sectionCodec(this, type, depth);
      default:
        throw this.error(type.id, `a ${type.kind} has no value`);
    }
  }

  #array(type: BtfArray, depth: number): Made {
    const { codec, values, special } = this.make(type.type, depth + 1);
    const size = codec.size * type.length;
    if (size > MAX_SIZE) throw this.error(type.id, `size ${size} is too large for a value`);
    if (special)
      return { codec: untouched(`${codec.name}[${type.length}]`, size, codec.align), values: 0, special };
    if (type.length * values > 64 * size + 65_536) {
      throw this.error(type.id, `${type.length} elements of ${codec.size} bytes`);
    }
    return { codec: arrayOf(this.resolve(type.type), codec, type.length), values: 1 + type.length * values };
  }
}

const known = new WeakMap<BtfTypes, Codecs>();

/**
 * Makes a codec for the values of a type: how they lie in memory, and the conversion in both directions, in the byte
 * order of the BTF. It reads and writes map keys and values, global variables and anything else that BTF describes.
 * There is no code generation.
 *
 * - integers of up to four bytes are numbers, longer ones and pointers are bigints, `bool` is a boolean, bit fields
 *   follow their declared type;
 * - enums are names. Numbers without a name stay numbers (bigints for enums of eight bytes). You can write both;
 * - arrays are arrays, also one of another, and `char` arrays are strings up to the first NUL;
 * - structs are objects. The members of anonymous structs and unions stand beside the others;
 * - unions are objects with every member. To write, give one of them, or several that the same bytes can stand for;
 * - the variables of a data section are one object;
 * - what the kernel keeps to itself (spin locks, timers, kptrs, list and tree nodes and the like) is left out, and its
 *   bytes stay as they are. Alone it reads as undefined;
 * - an array of length 0, such as the flexible one at the end of a struct, is empty.
 *
 * Padding is written as zero.
 *
 * @param typeId - the type; typedefs, qualifiers, type tags and variables stand for what they lead to
 * @returns a codec whose errors name the path of the member, such as `value.address.ports[3]`
 * @throws RangeError when there is no such type
 * @throws FormatError when its values have no size (void, functions, forward declarations), or types are malformed:
 *   members outside their struct, two of the same name, a struct within itself
 *
 * @example
 * ```ts
 * const codec = codecOf(types, types.byName('settings', 'struct')?.id ?? 0);
 * codec.decode(view, 0); // { limit: 10, mode: 'MODE_ON', label: 'abc' }
 * ```
 */
export function codecOf(types: BtfTypes, typeId: number): Codec<unknown> {
  checkTypes('codecOf: types', types);
  const type = types.resolve(typeId);
  // The most common types. Their codecs exist already.
  if (type.kind === 'int') {
    const codec = scalar(type, types.littleEndian);
    if (codec !== undefined) return codec;
  }
  let codecs = known.get(types);
  if (codecs === undefined) {
    codecs = new Codecs(types);
    known.set(types, codecs);
  }
  return codecs.make(typeId, 0).codec;
}
