import { type BtfTypes, codecOf } from '../../btf/index.ts';
import { type Codec, plainBytes } from '../../bytes/codec/index.ts';
import { FormatError } from '../../errors/index.ts';

/**
 * How values of a type are read and written: by their type, or as plain bytes if there is no type or its values have no
 * fixed size.
 */
export function codecFor(types: BtfTypes | undefined, typeId: number, size: number): Codec<unknown> {
  if (types === undefined || typeId === 0) return plainBytes(size);
  try {
    const codec = codecOf(types, typeId);
    return codec.size === size ? codec : plainBytes(size);
  } catch (error) {
    if (error instanceof FormatError) return plainBytes(size);
    throw error;
  }
}
