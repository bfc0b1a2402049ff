import { ByteWriter, HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import type { BtfTypes } from './btf-types.ts';
import { encodeType, type NewBtfType } from './encode.ts';
import { BTF_HEADER_LENGTH, BTF_MAGIC, BTF_VERSION } from './header.ts';
import { MAX_NAME_BYTES } from './strings.ts';

/** How to write types. */
export interface EncodeOptions {
  readonly littleEndian?: boolean | undefined;
  /** The BTF that the types continue. Its strings are not stored again. */
  readonly base: BtfTypes | undefined;
  /** Checks a number that refers to a type, and returns it. */
  check(id: number): number;
}

/** A BTF blob with these types. */
export function encodeTypes(list: readonly NewBtfType[], options: EncodeOptions): Uint8Array<ArrayBuffer> {
  const { base, check } = options;
  const littleEndian = options.littleEndian ?? base?.littleEndian ?? HOST_LITTLE_ENDIAN;
  const types = new ByteWriter({ littleEndian, capacity: 4096 });
  const strings = new ByteWriter({ littleEndian, capacity: 4096 });
  const known = base?.stringOffsets() ?? new Map<string, number>();
  const start = base?.stringsEnd ?? 0;
  const string = (text: string): number => {
    const old = known.get(text);
    if (old !== undefined) return old;
    const offset = strings.length;
    strings.cstring(text);
    if (strings.length - offset > MAX_NAME_BYTES + 1) {
      throw new RangeError(`name of ${strings.length - offset - 1} bytes, more than ${MAX_NAME_BYTES}`);
    }
    known.set(text, start + offset);
    return start + offset;
  };
  // The first string is the empty one. It belongs to the base, if there is one.
  string('');
  for (const type of list) encodeType(type, { writer: types, string, target: check });
  return new ByteWriter({ littleEndian, capacity: BTF_HEADER_LENGTH + types.length + strings.length })
    .u16(BTF_MAGIC)
    .u8(BTF_VERSION)
    .u8(0)
    .u32(BTF_HEADER_LENGTH)
    .u32(0)
    .u32(types.length)
    .u32(types.length)
    .u32(strings.length)
    .bytes(types.toBytes())
    .bytes(strings.toBytes())
    .toBytes();
}
