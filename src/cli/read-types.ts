import { readFileSync } from 'node:fs';
import { BtfTypes } from '../btf/index.ts';
import { ElfFile } from '../elf/index.ts';
import { BpfError, unreadable } from '../errors/index.ts';

const ELF = [0x7f, 0x45, 0x4c, 0x46];

/**
 * The types in a file: plain BTF as in /sys/kernel/btf, or the section `.BTF` of an ELF file.
 *
 * @param base - the types it continues, as those of a kernel module continue vmlinux'
 * @throws BpfError when the file cannot be read or has no types, FormatError when they are malformed
 */
export function readTypes(file: string, base?: BtfTypes): BtfTypes {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw unreadable(`BTF ${file}`, cause);
  }
  const options = base === undefined ? { file } : { file, base };
  if (!ELF.every((byte, i) => bytes[i] === byte)) return BtfTypes.parse(bytes, options);
  const found = ElfFile.parse(bytes, { file }).section('.BTF');
  if (found === undefined) {
    throw new BpfError(`Cannot read BTF ${file}: it has no section .BTF`, { code: 'ERR_BPF_FORMAT' });
  }
  return BtfTypes.parse(found.data, options);
}
