import type { CoreRelocationKind } from '../../abi/index.ts';

/** Where a function begins, and its type. */
export interface FunctionInfo {
  /** Of its first instruction: bytes from the start of the section. */
  readonly offset: number;
  /** Number of its `func` type. */
  readonly typeId: number;
}

/** Where the instructions from here on come from in the source. The texts are decoded when they are asked for. */
export interface LineInfo {
  /** Of the first instruction: bytes from the start of the section. */
  readonly offset: number;
  readonly file: string;
  /** The line itself; empty when the compiler did not keep it. */
  readonly text: string;
  /** Counted from 1; 0 when unknown. */
  readonly line: number;
  /** Counted from 1; 0 when unknown. */
  readonly column: number;
  /** Where the strings of the object's BTF hold the file's name: what the kernel wants to be told. */
  readonly fileOffset: number;
  /** Where the strings of the object's BTF hold the line. */
  readonly textOffset: number;
}

/** A number in an instruction that depends on the kernel's types ("compile once, run everywhere"). */
export interface CoreRelocation {
  /** What the number says; a number for kinds this library has no word for. */
  readonly kind: CoreRelocationKind | number;
  /** Number of the type, in the object's own BTF, that it is about. */
  readonly typeId: number;
  /**
   * What within the type: for fields an index (as of an array, 0 nearly always), then members and elements by number,
   * such as `0:5:1`; for enum values the number of the value; for types `0`.
   */
  readonly access: string;
}

/** A CO-RE relocation and the instruction it is for. */
export interface PlacedCoreRelocation extends CoreRelocation {
  /** Of the instruction: bytes from the start of the section. */
  readonly offset: number;
}
