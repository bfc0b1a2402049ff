import type { BtfOutline } from '../types.ts';

/** What a relocation says about one side's types. */
export interface CoreValue {
  /** 64 bits, unsigned. */
  readonly value: bigint;
  /** Whether the instruction must have held the object's own value when it was compiled. */
  readonly check: boolean;
  /** For a field that an instruction may load or store directly. */
  readonly access?: {
    /** Bytes of it, or of one element of an array. */
    readonly size: number;
    readonly type: BtfOutline;
  };
}
