import { ByteReader } from '../../bytes/index.ts';
import type { FormatError } from '../../errors/index.ts';
import type { Extent } from './header.ts';

/** The records of one part of .BTF.ext that belong to one ELF section. */
export interface RecordBlock {
  /** Name of the ELF section. */
  readonly section: string;
  readonly count: number;
  /** Where the first record begins. */
  readonly start: number;
  /** Bytes from one record to the next. In later formats, more than the known part of a record. */
  readonly stride: number;
}

/** What reading the blocks of a part needs. */
export interface RecordSource {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly file: string | undefined;
  /** The string of the object's BTF at an offset. */
  string(offset: number, blame: (problem: string) => FormatError): string;
}

export function readerOf({ bytes, littleEndian, file }: RecordSource): ByteReader {
  return new ByteReader(bytes, { littleEndian, file, section: '.BTF.ext' });
}

/**
 * Finds the blocks of a part: a record size, then for each section its name, a count and the records.
 *
 * @param reader - stands at the part
 * @param what - the part, for errors
 * @param least - size of the known part of a record, in bytes
 */
export function readBlocks(
  source: RecordSource,
  reader: ByteReader,
  { start, length }: Extent,
  what: string,
  least: number,
): RecordBlock[] {
  const end = start + length;
  if (length < 4) throw reader.error(`${what} take ${length} bytes, too few for their record size`, start);
  const stride = reader.u32();
  if (stride < least || stride % 4 !== 0) {
    throw reader.error(`a record of ${what} has ${stride} bytes, expected ${least} or more`, start);
  }
  const blocks: RecordBlock[] = [];
  while (reader.position < end) {
    const at = reader.position;
    if (end - at < 8) throw reader.error(`${what} end within the header of a section`, at);
    const section = source.string(reader.u32(), (problem) => reader.error(problem, at));
    const count = reader.u32();
    const room = end - reader.position;
    if (count * stride > room) {
      throw reader.error(`${count} ${what} of ${stride} bytes in the ${room} bytes that are left`, at + 4);
    }
    blocks.push({ section, count, start: reader.position, stride });
    reader.skip(count * stride);
  }
  return blocks;
}
