/**
 * The kinds of BTF types, by their number in the format
 * (Linux kernel Documentation/bpf/btf.rst; include/uapi/linux/btf.h).
 */
export const BTF_KINDS = [
  'void',
  'int',
  'ptr',
  'array',
  'struct',
  'union',
  'enum',
  'fwd',
  'typedef',
  'volatile',
  'const',
  'restrict',
  'func',
  'func_proto',
  'var',
  'datasec',
  'float',
  'decl_tag',
  'type_tag',
  'enum64',
] as const;

/** The kind of a BTF type. `void` is type 0, which no BTF stores. */
export type BtfKind = (typeof BTF_KINDS)[number];

/** What all types have. `name` is empty for anonymous types. */
export interface BtfNamed<K extends BtfKind> {
  readonly kind: K;
  /** Its number; numbers of types it refers to are called `type`. */
  readonly id: number;
  readonly name: string;
}

export type BtfVoid = BtfNamed<'void'>;

export interface BtfInt extends BtfNamed<'int'> {
  /** In bytes. */
  readonly size: number;
  readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool';
  /** How many bits of it are in use; fewer than `8 * size` only in old compilers' bit fields. */
  readonly bits: number;
  /** Where those bits begin. */
  readonly bitOffset: number;
}

/** A pointer or a modifier: one type made from another. Only typedef uses `name`. */
export interface BtfReference extends BtfNamed<'ptr' | 'typedef' | 'volatile' | 'const' | 'restrict'> {
  readonly type: number;
}

export interface BtfArray extends BtfNamed<'array'> {
  /** The element's type. */
  readonly type: number;
  readonly indexType: number;
  /** Number of elements. */
  readonly length: number;
}

/** A field of a struct or union. `name` is empty for an anonymous struct or union inside. */
export interface BtfMember {
  readonly name: string;
  readonly type: number;
  /** From the start of the struct or union. */
  readonly bitOffset: number;
  /** Width of a bit field; 0 for an ordinary field. */
  readonly bitSize: number;
}

export interface BtfComposite extends BtfNamed<'struct' | 'union'> {
  /** In bytes. */
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfEnum extends BtfNamed<'enum'> {
  /** In bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

export interface BtfEnum64 extends BtfNamed<'enum64'> {
  /** In bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfForward extends BtfNamed<'fwd'> {
  /** What is declared. */
  readonly of: 'struct' | 'union';
}

export interface BtfFunction extends BtfNamed<'func'> {
  /** Its func_proto. */
  readonly type: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

export interface BtfFunctionPrototype extends BtfNamed<'func_proto'> {
  readonly returnType: number;
  /** A variadic function ends with a parameter without name and with type 0. */
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
}

export interface BtfVariable extends BtfNamed<'var'> {
  readonly type: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

export interface BtfDataSection extends BtfNamed<'datasec'> {
  /** In bytes; 0 in object files that no linker has seen. */
  readonly size: number;
  readonly variables: readonly {
    /** A var, or a func for an extern function. */
    readonly type: number;
    readonly offset: number;
    readonly size: number;
  }[];
}

export interface BtfFloat extends BtfNamed<'float'> {
  /** In bytes. */
  readonly size: number;
}

/** A type with a tag on it: `name` is the tag. */
export interface BtfTypeTag extends BtfNamed<'type_tag'> {
  readonly type: number;
  /** Whether `name` is any attribute of the compiler instead (kernels write that since Linux 6.15). */
  readonly attribute: boolean;
}

/** A tag on a declaration: `name` is the tag. */
export interface BtfDeclTag extends BtfNamed<'decl_tag'> {
  /** What is tagged. */
  readonly type: number;
  /** Which member or parameter of it is tagged; -1 for the whole. */
  readonly component: number;
  /** Whether `name` is any attribute of the compiler instead (kernels write that since Linux 6.15). */
  readonly attribute: boolean;
}

/** Any BTF type; `kind` tells which. */
export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfReference
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfEnum64
  | BtfForward
  | BtfFunction
  | BtfFunctionPrototype
  | BtfVariable
  | BtfDataSection
  | BtfFloat
  | BtfTypeTag
  | BtfDeclTag;

/** The type that a kind name stands for. */
export type BtfTypeOf<K extends BtfKind> = BtfType & { readonly kind: K };

/** A struct or union without its members. */
export interface BtfCompositeOutline extends BtfNamed<'struct' | 'union'> {
  /** In bytes. */
  readonly size: number;
  /** Number of its members. */
  readonly length: number;
}

/** Any type, but structs and unions without their members. */
export type BtfOutline = Exclude<BtfType, BtfComposite> | BtfCompositeOutline;

/** Type qualifiers and names that leave the layout as it is. */
export function isModifier(kind: BtfKind): boolean {
  return (
    kind === 'typedef' ||
    kind === 'volatile' ||
    kind === 'const' ||
    kind === 'restrict' ||
    kind === 'type_tag'
  );
}
