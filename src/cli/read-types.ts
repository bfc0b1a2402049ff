import { BtfTypes } from '../btf/index.ts';
import { ElfFile } from '../elf/index.ts';
import { BpfError } from '../errors/index.ts';
import { BTF_STARTS, ELF_START, readInputSync } from '../sys/index.ts';

/** Kernels with everything that debuggers need come close to this size. */
const LONGEST = 1 << 30;

/**
 * Reads the types in a file: plain BTF as in /sys/kernel/btf, or the section `.BTF` of an ELF file.
 *
 * @param base - the types it continues, as those of a kernel module continue those of vmlinux
 * @throws BpfError if the file cannot be read or has no types, FormatError if they are malformed
 */
export function readTypes(file: string, base?: BtfTypes): BtfTypes {
  const magics = [ELF_START, ...BTF_STARTS];
  const bytes = readInputSync(file, { what: `BTF ${file}`, magics, most: LONGEST });
  const options = base === undefined ? { file } : { file, base };
  if (!ELF_START.every((byte, i) => bytes[i] === byte)) return BtfTypes.parse(bytes, options);
  const found = ElfFile.parse(bytes, { file }).section('.BTF');
  if (found === undefined) {
    throw new BpfError(`Cannot read BTF ${file}: it has no section .BTF`, { code: 'ERR_BPF_FORMAT' });
  }
  return BtfTypes.parse(found.data, options);
}
