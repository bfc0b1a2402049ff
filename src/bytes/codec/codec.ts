import type { TypedArray, TypedArrayClass } from './typed-array.ts';

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
  /**
   * Reads the `size` bytes at `offset`. The result keeps no reference to the view's memory, which is used again, and the
   * memory is not written: it may be mapped for reading only, and a write would end the process.
   */
  decode(view: DataView, offset: number): T;
}

/** The TypeScript type a codec reads and writes: `Infer<typeof u64>` is `bigint`. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Whether this machine stores the low byte first. */
export const HOST_LITTLE: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
