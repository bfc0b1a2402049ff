import { ByteReader } from '../../bytes/index.ts';
import { BTF_MAGIC, BTF_VERSION } from '../header.ts';

/** The header that every .BTF.ext has; the part on CO-RE came with clang 10. */
const HEADER_LENGTH = 24;
const HEADER_LENGTH_WITH_CORE = 32;

/** A part of the section: where its record size stands, and how many bytes it takes from there. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

export interface BtfExtHeader {
  readonly littleEndian: boolean;
  readonly functions: Extent;
  readonly lines: Extent;
  readonly relocations: Extent;
}

/**
 * Reads the header; the magic number tells the byte order. Fields behind those known are skipped.
 *
 * @throws FormatError when it is not .BTF.ext, or its parts lie outside the bytes
 */
export function readExtHeader(bytes: Uint8Array, file: string | undefined): BtfExtHeader {
  const littleEndian = bytes[0] === (BTF_MAGIC & 0xff);
  const reader = new ByteReader(bytes, { littleEndian, section: '.BTF.ext', file });
  const magic = reader.u16();
  if (magic !== BTF_MAGIC) throw reader.error(`magic 0x${magic.toString(16)} is not BTF's 0xeb9f`, 0);
  const version = reader.u8();
  if (version !== BTF_VERSION) throw reader.error(`version ${version}, only 1 is known`, 2);
  const flags = reader.u8();
  if (flags !== 0) throw reader.error(`flags 0x${flags.toString(16)}, none are known`, 3);
  const headerLength = reader.u32();
  if (headerLength < HEADER_LENGTH || headerLength > bytes.length) {
    throw reader.error(`header length ${headerLength}, with ${bytes.length} bytes in all`, 4);
  }
  const extent = (): Extent => {
    const at = reader.position;
    const start = headerLength + reader.u32();
    const length = reader.u32();
    if (length > 0 && start + length > bytes.length) {
      throw reader.error(`bytes ${start} to ${start + length} of ${bytes.length}`, at);
    }
    return { start, length };
  };
  const functions = extent();
  const lines = extent();
  const relocations = headerLength < HEADER_LENGTH_WITH_CORE ? { start: 0, length: 0 } : extent();
  return { littleEndian, functions, lines, relocations };
}
