import type { TypedArray, TypedArrayClass } from './typed-array-class.ts';

/**
 * How one fixed-size value lies in memory: its size, its alignment, and both directions of conversion.
 * Everything that reads or writes map keys and values takes one of these; any object of this shape will do.
 */
export interface Codec<T> {
  /** What error texts call the type, such as `u32` or `string(16)`. */
  readonly name: string;
  /** Bytes the value takes, trailing padding included. */
  readonly size: number;
  /** What the C compiler aligns it to, in bytes: a power of two. */
  readonly align: number;
  /**
   * Writes all `size` bytes at `offset`, padding included.
   *
   * @throws TypeError when the value has the wrong type, RangeError when it does not fit
   */
  encode(view: DataView, offset: number, value: T): void;
  /**
   * The typed array whose elements are the same values, where there is one that reads faster than
   * {@link decode}: V8 makes DataView's 64-bit accesses inline from Node 24 on, those of typed arrays always.
   */
  readonly elements?: TypedArrayClass<TypedArray> | undefined;
  /** Whether any `size` bytes decode to a value that encodes back to the same bytes. Left out: it is not known. */
  readonly exact?: boolean | undefined;
  /**
   * The part that holds a bit of the value; `undefined` for padding. Left out where there are no parts. Bits count
   * from 0, within each byte from the lowest when the low byte comes first, else from the highest, as in BTF.
   */
  readonly partAt?: ((bit: number) => CodecPart | undefined) | undefined;
  /**
   * Reads the `size` bytes at `offset`. The result keeps no reference to the view's memory, which is used again, and the
   * memory is not written: it may be mapped for reading only, and a write would end the process.
   */
  decode(view: DataView, offset: number): T;
}

/** A member or element of a value, as {@link Codec.partAt} finds it. */
export interface CodecPart {
  /** The step to it in the path of an error: `.name` or `[index]`. */
  readonly step: string;
  readonly codec: Codec<unknown>;
  /** The bit that was asked for, counted from where the part begins. */
  readonly bit: number;
}

/** The TypeScript type a codec reads and writes: `Infer<typeof u64>` is `bigint`. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Whether this machine stores the low byte first. */
export const HOST_LITTLE: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
