import { ByteWriter } from '../bytes/index.ts';
import { encodeType, type NewBtfType } from './encode.ts';
import { BTF_HEADER_LENGTH, BTF_MAGIC, BTF_VERSION } from './header.ts';
import { MAX_NAME_BYTES } from './strings.ts';
import type { BtfEnum, BtfEnum64, BtfFunction, BtfInt, BtfMember, BtfVariable } from './types.ts';
import { HOST_LITTLE_ENDIAN } from './words.ts';

/** A member as {@link BtfBuilder.struct} takes it: `bitOffset` or, for ordinary fields, `offset` in bytes. */
export interface NewBtfMember {
  readonly name: string;
  readonly type: number;
  /** In bytes. */
  readonly offset?: number;
  readonly bitOffset?: number;
  /** Width of a bit field. */
  readonly bitSize?: number;
}

type Modifier = 'volatile' | 'const' | 'restrict';

/**
 * Builds BTF in code. Every method adds one type and returns its number; numbers rise from 1, so
 * {@link nextId} lets a type refer to itself or to types added later. Strings are stored once.
 *
 * @example
 * const btf = new BtfBuilder();
 * const u32 = btf.int('unsigned int', 4);
 * btf.struct('pair', 8, [{ name: 'a', type: u32, offset: 0 }, { name: 'b', type: u32, offset: 4 }]);
 * const bytes = btf.encode();
 */
export class BtfBuilder {
  readonly #types: NewBtfType[] = [];

  /** How many types have been added. */
  get count(): number {
    return this.#types.length;
  }

  /** The number that the next type will get. */
  get nextId(): number {
    return this.#types.length + 1;
  }

  /** Adds any type. */
  add(type: NewBtfType): number {
    return this.#types.push(type);
  }

  /** @param size - in bytes */
  int(name: string, size: number, encoding: BtfInt['encoding'] = 'unsigned'): number {
    return this.add({ kind: 'int', name, size, encoding, bits: size * 8, bitOffset: 0 });
  }

  /** @param size - in bytes */
  float(name: string, size: number): number {
    return this.add({ kind: 'float', name, size });
  }

  /** A pointer to a type; 0 makes a `void *`. */
  ptr(type: number): number {
    return this.add({ kind: 'ptr', name: '', type });
  }

  /** A const, volatile or restrict variant of a type. */
  modifier(kind: Modifier, type: number): number {
    return this.add({ kind, name: '', type });
  }

  typedef(name: string, type: number): number {
    return this.add({ kind: 'typedef', name, type });
  }

  typeTag(name: string, type: number): number {
    return this.add({ kind: 'type_tag', name, type, attribute: false });
  }

  /** @param indexType - an integer type, such as the one of `int` */
  array(type: number, length: number, indexType: number): number {
    return this.add({ kind: 'array', name: '', type, indexType, length });
  }

  /** @param size - in bytes */
  struct(name: string, size: number, members: readonly NewBtfMember[]): number {
    return this.add({ kind: 'struct', name, size, members: members.map(toMember) });
  }

  /** @param size - in bytes */
  union(name: string, size: number, members: readonly NewBtfMember[]): number {
    return this.add({ kind: 'union', name, size, members: members.map(toMember) });
  }

  /** An enum of four bytes, signed when a value is negative. */
  enum(name: string, values: BtfEnum['values']): number {
    const signed = values.some(({ value }) => value < 0);
    return this.add({ kind: 'enum', name, size: 4, signed, values });
  }

  /** An enum of eight bytes, signed when a value is negative. Kernels know it since Linux 6.0. */
  enum64(name: string, values: BtfEnum64['values']): number {
    const signed = values.some(({ value }) => value < 0n);
    return this.add({ kind: 'enum64', name, size: 8, signed, values });
  }

  forward(name: string, of: 'struct' | 'union'): number {
    return this.add({ kind: 'fwd', name, of });
  }

  funcProto(
    returnType: number,
    parameters: readonly { readonly name: string; readonly type: number }[],
  ): number {
    return this.add({ kind: 'func_proto', name: '', returnType, parameters });
  }

  /** @param type - a func_proto */
  func(name: string, type: number, linkage: BtfFunction['linkage'] = 'static'): number {
    return this.add({ kind: 'func', name, type, linkage });
  }

  variable(name: string, type: number, linkage: BtfVariable['linkage'] = 'global'): number {
    return this.add({ kind: 'var', name, type, linkage });
  }

  /** @param size - in bytes */
  dataSection(
    name: string,
    size: number,
    variables: readonly { readonly type: number; readonly offset: number; readonly size: number }[],
  ): number {
    return this.add({ kind: 'datasec', name, size, variables });
  }

  /** @param component - the member or parameter that is tagged; -1 for the whole */
  declTag(name: string, type: number, component = -1): number {
    return this.add({ kind: 'decl_tag', name, type, component, attribute: false });
  }

  /**
   * The BTF blob, ready for btf_load or a `.BTF` section.
   *
   * @param options - `littleEndian`: the byte order; default that of this machine, which the kernel wants
   * @throws RangeError when a type refers to one that does not exist, or a value or name does not fit
   * @throws TypeError when a name holds a NUL
   */
  encode(options: { readonly littleEndian?: boolean } = {}): Uint8Array<ArrayBuffer> {
    const littleEndian = options.littleEndian ?? HOST_LITTLE_ENDIAN;
    const types = new ByteWriter({ littleEndian, capacity: 4096 });
    const strings = new ByteWriter({ littleEndian, capacity: 4096 }).u8(0);
    const known = new Map<string, number>([['', 0]]);
    const { count } = this;
    const sink = {
      writer: types,
      string(text: string): number {
        const old = known.get(text);
        if (old !== undefined) return old;
        const offset = strings.length;
        strings.cstring(text);
        if (strings.length - offset > MAX_NAME_BYTES + 1) {
          throw new RangeError(`name of ${strings.length - offset - 1} bytes, at most ${MAX_NAME_BYTES}`);
        }
        known.set(text, offset);
        return offset;
      },
      target(id: number): number {
        if (Number.isInteger(id) && id >= 0 && id <= count) return id;
        throw new RangeError(`type number must be an integer from 0 to ${count}, got ${id}`);
      },
    };
    for (const type of this.#types) encodeType(type, sink);
    return new ByteWriter({ littleEndian, capacity: BTF_HEADER_LENGTH + types.length + strings.length })
      .u16(BTF_MAGIC)
      .u8(BTF_VERSION)
      .u8(0)
      .u32(BTF_HEADER_LENGTH)
      .u32(0)
      .u32(types.length)
      .u32(types.length)
      .u32(strings.length)
      .bytes(types.toBytes())
      .bytes(strings.toBytes())
      .toBytes();
  }
}

function toMember({ name, type, offset = 0, bitOffset = offset * 8, bitSize = 0 }: NewBtfMember): BtfMember {
  return { name, type, bitOffset, bitSize };
}
