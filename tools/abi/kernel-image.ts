import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { ByteReader } from '../../src/bytes/index.ts';

/** The compressions of kernels. The first bytes tell them apart. Those that Node cannot read itself have a program. */
const COMPRESSIONS: readonly { name: string; magic: readonly number[]; program?: readonly string[] }[] = [
  { name: 'gzip', magic: [0x1f, 0x8b] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], program: ['zstd', '-dc'] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], program: ['xz', '-dc'] },
  { name: 'lz4', magic: [0x02, 0x21, 0x4c, 0x18], program: ['lz4', '-dc'] },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00], program: ['xz', '--format=lzma', '-dc'] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], program: ['bzip2', '-dc'] },
];

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

const ELF = [0x7f, 0x45, 0x4c, 0x46];

/** The ELF file inside a kernel image: a vmlinux, a compressed one, an x86 bzImage or an EFI zboot image. */
export function toVmlinux(bytes: Uint8Array, file: string): Uint8Array {
  if (startsWith(bytes, ELF)) return bytes;
  const reader = new ByteReader(bytes, { file });
  if (bytes.length > 0x250 && reader.seek(0x202).u32() !== 0 && signature(bytes, 0x202) === 'HdrS') {
    return toVmlinux(decompress(bzImagePayload(reader), file), file);
  }
  if (signature(bytes, 4) === 'zimg') {
    const [offset, size] = [reader.seek(8).u32(), reader.u32()];
    return toVmlinux(decompress(reader.seek(offset).bytes(size), file), file);
  }
  return toVmlinux(decompress(bytes, file), file);
}

function signature(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Linux kernel Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length. */
function bzImagePayload(reader: ByteReader): Uint8Array {
  const sectors = reader.seek(0x1f1).u8() || 4;
  const [offset, length] = [reader.seek(0x248).u32(), reader.u32()];
  // The last four bytes are the uncompressed size. Some programs would take them for damage.
  return reader.seek((sectors + 1) * 512 + offset).bytes(length - 4);
}

function decompress(bytes: Uint8Array, file: string): Uint8Array {
  const compression = COMPRESSIONS.find(({ magic }) => startsWith(bytes, magic));
  if (compression === undefined) {
    const seen = Buffer.from(bytes.subarray(0, 4)).toString('hex');
    throw new Error(`Cannot read ${file}: begins with ${seen}, neither a kernel image nor compressed`);
  }
  const [command, ...args] = compression.program ?? [];
  if (command === undefined) return gunzipSync(bytes);
  const { stdout, stderr, error, status } = spawnSync(command, args, {
    input: bytes,
    maxBuffer: 1024 * 1024 * 1024,
  });
  if (error !== undefined) {
    const hint = 'code' in error && error.code === 'ENOENT' ? `install ${command}` : error.message;
    throw new Error(`Cannot decompress ${file}: it is compressed with ${compression.name}: ${hint}`);
  }
  if (status !== 0) throw new Error(`Cannot decompress ${file}: ${command}: ${stderr.toString().trim()}`);
  return stdout;
}

/** The kernel's version, from the banner inside it. */
export function kernelVersion(vmlinux: Uint8Array): string {
  const buffer = Buffer.from(vmlinux.buffer, vmlinux.byteOffset, vmlinux.byteLength);
  for (let at = buffer.indexOf('Linux version '); at !== -1; at = buffer.indexOf('Linux version ', at + 1)) {
    const found = /^Linux version (\d+\.\d+(?:\.\d+)?)/.exec(buffer.toString('latin1', at, at + 64));
    if (found?.[1] !== undefined) return found[1];
  }
  throw new Error('Cannot find the version in the kernel image');
}
