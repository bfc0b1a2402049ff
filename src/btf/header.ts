import { ByteReader } from '../bytes/index.ts';

/** Where the parts of a BTF blob lie, checked against its length. */
export interface BtfHeader {
  readonly littleEndian: boolean;
  /** Byte offsets within the blob. */
  readonly typesStart: number;
  readonly typesEnd: number;
  readonly stringsStart: number;
  readonly stringsEnd: number;
}

/** `__u16 magic` (include/uapi/linux/btf.h). */
export const BTF_MAGIC = 0xeb9f;
export const BTF_VERSION = 1;
/** The header every BTF has. Later ones are longer and say so. */
export const BTF_HEADER_LENGTH = 24;

/**
 * Reads the header of a raw BTF blob. The magic number shows the byte order. From a longer header, only the fields of
 * the first version are used: a reader can do without the later fields.
 *
 * @throws FormatError when it is not BTF, or its sections lie outside the blob
 */
export function readHeader(bytes: Uint8Array, file?: string): BtfHeader {
  const littleEndian = bytes[0] === (BTF_MAGIC & 0xff);
  const reader = new ByteReader(bytes, { littleEndian, section: '.BTF', file });
  const magic = reader.u16();
  if (magic !== BTF_MAGIC) throw reader.error(`magic 0x${magic.toString(16)} is not BTF's 0xeb9f`, 0);
  const version = reader.u8();
  if (version !== BTF_VERSION) throw reader.error(`version ${version}, only 1 is known`, 2);
  const flags = reader.u8();
  if (flags !== 0) throw reader.error(`flags 0x${flags.toString(16)}, none are known`, 3);
  const headerLength = reader.u32();
  if (headerLength < BTF_HEADER_LENGTH || headerLength > bytes.length) {
    throw reader.error(`header length ${headerLength}, with ${bytes.length} bytes in all`, 4);
  }
  const typeOffset = reader.u32();
  const typeLength = reader.u32();
  const stringOffset = reader.u32();
  const stringLength = reader.u32();
  const typesStart = headerLength + typeOffset;
  const typesEnd = typesStart + typeLength;
  const stringsStart = headerLength + stringOffset;
  const stringsEnd = stringsStart + stringLength;
  if (typesEnd > bytes.length) {
    throw reader.error(`types end at ${typesEnd}, after the ${bytes.length} bytes there are`, 8);
  }
  if (typeLength % 4 !== 0) throw reader.error(`length of types ${typeLength} is not a multiple of 4`, 12);
  if (stringsEnd > bytes.length) {
    throw reader.error(`strings end at ${stringsEnd}, after the ${bytes.length} bytes there are`, 16);
  }
  return { littleEndian, typesStart, typesEnd, stringsStart, stringsEnd };
}
