import { ByteWriter } from '../../../src/bytes/index.ts';

/** One part of a .BTF.ext: records of words, filled up to the stride with words that have no meaning. */
export interface ExtPart {
  readonly stride: number;
  readonly blocks: readonly { readonly section: number; readonly records: readonly number[][] }[];
}

export interface Ext {
  readonly littleEndian: boolean;
  /** 24 without CO-RE, 32 with CO-RE, more for later formats. */
  readonly headerLength: number;
  readonly functions: ExtPart;
  readonly lines: ExtPart;
  readonly relocations: ExtPart;
}

function part({ stride, blocks }: ExtPart, littleEndian: boolean): Uint8Array {
  const writer = new ByteWriter({ littleEndian }).u32(stride);
  for (const { section, records } of blocks) {
    writer.u32(section).u32(records.length);
    for (const words of records) {
      for (let i = 0; i < stride / 4; i++) writer.u32(words[i] ?? 0xdead_beef);
    }
  }
  return writer.toBytes();
}

/** Writes a .BTF.ext section. */
export function writeExt(ext: Ext): Uint8Array {
  const { littleEndian, headerLength } = ext;
  const parts = [ext.functions, ext.lines, ext.relocations].map((each) => part(each, littleEndian));
  const header = new ByteWriter({ littleEndian }).u16(0xeb9f).u8(1).u8(0).u32(headerLength);
  let at = 0;
  for (const bytes of headerLength < 32 ? parts.slice(0, 2) : parts) {
    header.u32(at).u32(bytes.length);
    at += bytes.length;
  }
  while (header.length < headerLength) header.u32(0xdead_beef);
  for (const bytes of parts) header.bytes(bytes);
  return header.toBytes();
}
