export { array } from './array.ts';
export { i64, i64be, i64le, u64, u64be, u64le } from './bigints.ts';
export { bytes } from './bytes.ts';
export { checkCodecs } from './check.ts';
export type { Codec, CodecPart, Infer } from './codec.ts';
export {
  i8,
  i16,
  i16be,
  i16le,
  i32,
  i32be,
  i32le,
  u8,
  u16,
  u16be,
  u16le,
  u32,
  u32be,
  u32le,
} from './integers.ts';
export { plainBytes } from './plain-bytes.ts';
export { inside, nameRoot, outOfRange, restate, wrongType } from './problem.ts';
export { bool, f32, f32be, f32le, f64, f64be, f64le, nothing } from './scalars.ts';
export { string } from './string.ts';
export { type Fields, type StructCodec, type StructOptions, type StructValue, struct } from './struct.ts';
export { typedArray } from './typed-array.ts';
export { checkTypedArrayClass, type TypedArray, type TypedArrayClass } from './typed-array-class.ts';
