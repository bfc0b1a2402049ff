import type { CoreRelocationKind, NumberText } from '../../abi/index.ts';

/** Where a function begins, and its type. */
export interface FunctionInfo {
  /** For its first instruction: bytes from the start of the section. */
  readonly offset: number;
  /** Number of its `func` type. */
  readonly typeId: number;
}

/** The source of the instructions from here on. The texts are decoded on first use. */
export interface LineInfo {
  /** For the first instruction: bytes from the start of the section. */
  readonly offset: number;
  readonly file: string;
  /** The line itself. Empty if the compiler did not keep it. */
  readonly text: string;
  /** Counted from 1; 0 when unknown. */
  readonly line: number;
  /** Counted from 1; 0 when unknown. */
  readonly column: number;
  /** Where the file's name is in the strings of the object's BTF. The kernel wants to know this. */
  readonly fileOffset: number;
  /** Where the line is in the strings of the object's BTF. */
  readonly textOffset: number;
}

/** A number in an instruction that depends on the kernel's types ("compile once, run everywhere"). */
export interface CoreRelocation {
  /** What the number says. Its number as text for kinds that this library has no word for. */
  readonly kind: CoreRelocationKind | NumberText;
  /** Number of the type that it is about, in the object's own BTF. */
  readonly typeId: number;
  /**
   * The part within the type. For fields: an index (as into an array, nearly always 0), then members and elements by
   * number, such as `0:5:1`. For enum values: the number of the value. For types: `0`.
   */
  readonly access: string;
}

/** A CO-RE relocation and the instruction it is for. */
export interface PlacedCoreRelocation extends CoreRelocation {
  /** For the instruction: bytes from the start of the section. */
  readonly offset: number;
}
