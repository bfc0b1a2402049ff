import { ByteReader } from '../../src/bytes/index.ts';
import { FormatError } from '../../src/errors/index.ts';

/**
 * The bytes of a section of an ELF file, 32- or 64-bit, of either byte order.
 *
 * @throws FormatError if there is no such section
 */
export function elfSection(bytes: Uint8Array, wanted: string, file: string): Uint8Array {
  const wide = bytes[4] === 2;
  const littleEndian = bytes[5] === 1;
  const reader = new ByteReader(bytes, { littleEndian, file });
  const word = (position: number): number => {
    reader.seek(position);
    return wide ? reader.size64() : reader.u32();
  };
  const half = (position: number): number => reader.seek(position).u16();

  const [table, entrySize, count, namesIndex] = wide
    ? [word(0x28), half(0x3a), half(0x3c), half(0x3e)]
    : [word(0x20), half(0x2e), half(0x30), half(0x32)];
  const section = (index: number): { name: number; offset: number; size: number } => {
    const at = table + index * entrySize;
    const [offset, size] = wide ? [word(at + 0x18), word(at + 0x20)] : [word(at + 0x10), word(at + 0x14)];
    return { name: reader.seek(at).u32(), offset, size };
  };
  const names = section(namesIndex);
  for (let i = 1; i < count; i++) {
    const { name, offset, size } = section(i);
    if (reader.seek(names.offset + name).cstring() === wanted) return reader.seek(offset).bytes(size);
  }
  throw new FormatError(`has no section ${wanted}: was the kernel built with CONFIG_DEBUG_INFO_BTF?`, {
    file,
  });
}
