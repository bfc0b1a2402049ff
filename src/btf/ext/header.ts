import type { ByteReader } from '../../bytes/index.ts';
import { BTF_MAGIC, BTF_VERSION } from '../header.ts';

/** The header that every .BTF.ext has. The part on CO-RE came with clang 10. */
const HEADER_LENGTH = 24;
const HEADER_LENGTH_WITH_CORE = 32;

/** A part of the section: where its record size is, and how many bytes it takes from there. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

export interface BtfExtHeader {
  readonly functions: Extent;
  readonly lines: Extent;
  readonly relocations: Extent;
}

/**
 * Reads the header. Later fields, which this version does not know, are skipped.
 *
 * @throws FormatError when it is not .BTF.ext, or its parts lie outside the bytes
 */
export function readExtHeader(reader: ByteReader): BtfExtHeader {
  const magic = reader.u16();
  if (magic !== BTF_MAGIC) throw reader.error(`magic 0x${magic.toString(16)} is not BTF's 0xeb9f`, 0);
  const version = reader.u8();
  if (version !== BTF_VERSION) throw reader.error(`version ${version}, only 1 is known`, 2);
  const flags = reader.u8();
  if (flags !== 0) throw reader.error(`flags 0x${flags.toString(16)}, none are known`, 3);
  const headerLength = reader.u32();
  if (headerLength < HEADER_LENGTH || headerLength > reader.length) {
    throw reader.error(`header length ${headerLength}, with ${reader.length} bytes in all`, 4);
  }
  const extent = (): Extent => {
    const at = reader.position;
    const start = headerLength + reader.u32();
    const length = reader.u32();
    if (length > 0 && start + length > reader.length) {
      throw reader.error(
        `bytes ${start} to ${start + length} are outside the ${reader.length} bytes there are`,
        at,
      );
    }
    return { start, length };
  };
  const functions = extent();
  const lines = extent();
  const relocations = headerLength < HEADER_LENGTH_WITH_CORE ? { start: 0, length: 0 } : extent();
  return { functions, lines, relocations };
}
