import type { BtfTypes } from '../../btf/index.ts';
import { bytes, type Codec, i8, i16, i32, i64, nothing, u8, u16, u32, u64 } from '../../bytes/codec/index.ts';

const UNSIGNED: ReadonlyMap<number, Codec<unknown>> = new Map<number, Codec<unknown>>([
  [1, u8],
  [2, u16],
  [4, u32],
  [8, u64],
] as [number, Codec<unknown>][]);
const SIGNED: ReadonlyMap<number, Codec<unknown>> = new Map<number, Codec<unknown>>([
  [1, i8],
  [2, i16],
  [4, i32],
  [8, i64],
] as [number, Codec<unknown>][]);

/** How values of a type are read and written; plain bytes where there is no type. */
export function codecFor(types: BtfTypes | undefined, typeId: number, size: number): Codec<unknown> {
  const plain = size === 0 ? nothing : bytes(size);
  if (types === undefined || typeId === 0) return plain as Codec<unknown>;
  const type = types.resolve(typeId);
  if (type.kind !== 'int' || type.size !== size) return plain as Codec<unknown>;
  return (type.encoding === 'signed' ? SIGNED : UNSIGNED).get(size) ?? (plain as Codec<unknown>);
}
