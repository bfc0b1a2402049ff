import { type BtfTypes, codecOf } from '../../btf/index.ts';
import { type Codec, plainBytes } from '../../bytes/codec/index.ts';
import { FormatError } from '../../errors/index.ts';

/**
 * The codec for values of a type. If the type is unknown, has another size or no fixed size, the codec is one for plain
 * bytes.
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
