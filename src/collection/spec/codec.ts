import { type BtfTypes, codecOf } from '../../btf/index.ts';
import { bytes, type Codec, nothing } from '../../bytes/codec/index.ts';
import { FormatError } from '../../errors/index.ts';

function plain(size: number): Codec<unknown> {
  return size === 0 ? nothing : (bytes(size) as Codec<unknown>);
}

/**
 * How values of a type are read and written: by their type, or as plain bytes if there is no type or its values have no
 * fixed size.
 */
export function codecFor(types: BtfTypes | undefined, typeId: number, size: number): Codec<unknown> {
  if (types === undefined || typeId === 0) return plain(size);
  try {
    const codec = codecOf(types, typeId);
    return codec.size === size ? codec : plain(size);
  } catch (error) {
    if (error instanceof FormatError) return plain(size);
    throw error;
  }
}
