import type { TypedArray, TypedArrayClass } from './typed-array-class.ts';

/**
 * How one fixed-size value lies in memory: its size, its alignment, and the conversion in both directions. Everything
 * that reads or writes map keys and values takes a codec. Any object of this shape is one.
 */
export interface Codec<T> {
  /** What error texts call the type, such as `u32` or `string(16)`. */
  readonly name: string;
  /** Bytes the value takes, trailing padding included. */
  readonly size: number;
  /** The alignment that the C compiler gives it, in bytes: a power of two. */
  readonly align: number;
  /**
   * Writes all `size` bytes at `offset`, padding included.
   *
   * @throws TypeError when the value has the wrong type, RangeError when it does not fit
   */
  encode(view: DataView, offset: number, value: T): void;
  /**
   * A typed array whose elements are the same values, if one exists and reads faster than {@link decode}. V8 inlines
   * DataView's 64-bit accesses only from Node 24 on, but always inlines those of typed arrays.
   */
  readonly elements?: TypedArrayClass<TypedArray> | undefined;
  /** Whether any `size` bytes decode to a value that encodes back to the same bytes. Left out: unknown. */
  readonly exact?: boolean | undefined;
  /**
   * The part that holds a bit of the value; `undefined` for padding. Left out if the value has no parts. Bits count
   * from 0. Within a byte they count from the lowest if the low byte comes first, else from the highest, as in BTF.
   */
  readonly partAt?: ((bit: number) => CodecPart | undefined) | undefined;
  /**
   * Reads the `size` bytes at `offset`. The result keeps no reference to the view's memory, because that is used again.
   * The codec must not write to the memory: it may be mapped for reading only, and a write would end the process.
   */
  decode(view: DataView, offset: number): T;
}

/** A member or element of a value, as {@link Codec.partAt} finds it. */
export interface CodecPart {
  /** The step to it in the path of an error: `.name` or `[index]`. */
  readonly step: string;
  readonly codec: Codec<unknown>;
  /** The bit that you asked for, counted from the start of the part. */
  readonly bit: number;
}

/** The TypeScript type a codec reads and writes: `Infer<typeof u64>` is `bigint`. */
export type Infer<C> = C extends Codec<infer T> ? T : never;
