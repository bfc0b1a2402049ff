import { checkInteger, rejectUnknownOptions } from '../errors/index.ts';
import type { BtfTypes } from './btf-types.ts';
import { checkTypes } from './check-types.ts';
import { findEqual } from './dedup/dedup.ts';
import { Importer, type ImportTarget } from './dedup/importer.ts';
import type { NewBtfType } from './encode.ts';
import { encodeTypes } from './encode-types.ts';
import { referencesOf, withReferences } from './references.ts';
import type { BtfEnum, BtfEnum64, BtfFunction, BtfInt, BtfMember, BtfVariable } from './types.ts';

/** A member as {@link BtfBuilder.struct} takes it: `bitOffset` or, for ordinary fields, `offset` in bytes. */
export interface NewBtfMember {
  readonly name: string;
  readonly type: number;
  /** In bytes. */
  readonly offset?: number | undefined;
  readonly bitOffset?: number | undefined;
  /** Width of a bit field. */
  readonly bitSize?: number | undefined;
}

/** What BTF keeps of a C type beside the type itself. */
export type BtfModifier = 'volatile' | 'const' | 'restrict';

/** How to build BTF. */
export interface BtfBuilderOptions {
  /** The BTF to continue, as the BTF of kernel modules continues the kernel's ("split BTF"). */
  readonly base?: BtfTypes | undefined;
}

/**
 * Builds BTF in code. Every method adds one type and returns its number. Numbers rise from 1, or from the end of the
 * base. So {@link nextId} lets a type refer to itself or to types added later. Strings are stored once.
 *
 * {@link import} copies types of other BTF, and reuses those that are already there. {@link dedup} merges everything
 * that was added.
 *
 * @example
 * const btf = new BtfBuilder();
 * const u32 = btf.int('unsigned int', 4);
 * btf.struct('pair', 8, [{ name: 'a', type: u32, offset: 0 }, { name: 'b', type: u32, offset: 4 }]);
 * const bytes = btf.encode();
 */
export class BtfBuilder {
  /** The BTF that this one continues. */
  readonly base: BtfTypes | undefined;
  #types: NewBtfType[] = [];
  #importer: Importer | undefined;

  /** @param options - `base`: the BTF to continue */
  constructor(options: BtfBuilderOptions = {}) {
    rejectUnknownOptions('BtfBuilder', options, ['base']);
    if (options.base !== undefined) checkTypes('BtfBuilder: base', options.base);
    this.base = options.base;
  }

  /** How many types have been added, without those of the base. */
  get count(): number {
    return this.#types.length;
  }

  /** The number that the next type will get. */
  get nextId(): number {
    return this.#baseCount + this.#types.length + 1;
  }

  /** Adds any type. */
  add(type: NewBtfType): number {
    this.#types.push(type);
    return this.#baseCount + this.#types.length;
  }

  /**
   * Copies a type of other BTF with all that it refers to. What is already there, also in the base, is not added
   * again. Equal types give the same number, even if they refer to themselves.
   *
   * @param types - where the type is; if it is the base or continues it, types of the base stay those
   * @returns its number here
   * @throws RangeError when there is no type `id`
   * @throws FormatError when a type is malformed
   *
   * @example
   * const kernel = BtfTypes.parse(readFileSync('/sys/kernel/btf/vmlinux'));
   * const task = btf.import(kernel, kernel.byName('task_struct', 'struct')?.id ?? 0);
   */
  import(types: BtfTypes, id: number): number {
    this.#importer ??= new Importer(this.#store());
    return this.#importer.import(types, id);
  }

  /**
   * Merges types that are equal to each other or to a type of the base, even if they refer to themselves or to each
   * other in circles. A declared struct, union or enum becomes its definition: the only one of its name, or that of an
   * otherwise equal struct. Variables and data sections are never merged. The other types keep their order.
   *
   * @returns the new number of a type, by its old one
   * @throws RangeError when a type refers to one that does not exist
   */
  dedup(): (id: number) => number {
    for (const type of this.#types) for (const id of referencesOf(type)) this.#check(id);
    const first = this.#baseCount + 1;
    const staying = findEqual(this.#store());
    const numbers = new Map<number, number>();
    for (let id = first; id < this.nextId; id++) {
      if (staying(id) === id) numbers.set(id, first + numbers.size);
    }
    const renumbered = new Map<number, number>();
    for (let id = first; id < this.nextId; id++) {
      renumbered.set(id, numbers.get(staying(id)) ?? staying(id));
    }
    const renumber = (id: number): number => renumbered.get(id) ?? id;
    this.#types = this.#types
      .filter((_, i) => numbers.has(first + i))
      .map((type) => withReferences(type, renumber));
    this.#importer = undefined;
    return renumber;
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
  modifier(kind: BtfModifier, type: number): number {
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

  /** @param component - the tagged member or parameter; -1 for the whole */
  declTag(name: string, type: number, component = -1): number {
    return this.add({ kind: 'decl_tag', name, type, component, attribute: false });
  }

  /**
   * The BTF blob, ready for btf_load or a `.BTF` section. With a base, only what follows the base.
   *
   * @param options - `littleEndian`: the byte order; default that of the base, else of this machine, which the kernel
   *   wants
   * @throws RangeError when a type refers to one that does not exist, or a value or name does not fit
   * @throws TypeError when a name holds a NUL
   */
  encode(options: { readonly littleEndian?: boolean } = {}): Uint8Array<ArrayBuffer> {
    return encodeTypes(this.#types, { ...options, base: this.base, check: (id) => this.#check(id) });
  }

  get #baseCount(): number {
    return this.base?.count ?? 0;
  }

  #check(id: number): number {
    checkInteger('type number', id, 0, this.nextId - 1);
    return id;
  }

  #store(): ImportTarget {
    const { base } = this;
    const own = this.#types;
    const baseCount = this.#baseCount;
    return {
      base,
      own,
      baseCount,
      get count() {
        return baseCount + own.length;
      },
      typeOf: (id) => {
        if (id > baseCount) return own[id - baseCount - 1];
        return id === 0 ? undefined : (base?.byId(id) as NewBtfType | undefined);
      },
    };
  }
}

function toMember({ name, type, offset = 0, bitOffset = offset * 8, bitSize = 0 }: NewBtfMember): BtfMember {
  return { name, type, bitOffset, bitSize };
}
