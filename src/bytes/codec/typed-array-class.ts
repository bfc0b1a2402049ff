import { wrongType } from '../../errors/index.ts';

/** Every typed array of JavaScript. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** The class of a typed array, such as `Uint32Array`. */
export interface TypedArrayClass<A extends TypedArray> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): A;
}

/** @throws TypeError if it is not the class of a typed array */
export function checkTypedArrayClass(what: string, value: unknown): void {
  const anyTypedArray: { readonly prototype: object } = Object.getPrototypeOf(Uint8Array);
  if (typeof value === 'function' && value.prototype instanceof (anyTypedArray as never)) return;
  throw wrongType(what, 'the class of a typed array, such as Uint32Array', value);
}
