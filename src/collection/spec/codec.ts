import { type BtfTypes, codecOf } from '../../btf/index.ts';
import { bytes, type Codec, nothing } from '../../bytes/codec/index.ts';
import { FormatError } from '../../errors/index.ts';

function plain(size: number): Codec<unknown> {
  return size === 0 ? nothing : (bytes(size) as Codec<unknown>);
}

/**
 * The codec for values of a type. If the type is unknown, has another size or no fixed size, the codec is one for plain
 * bytes.
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
