import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BtfBuilder, BtfTypes } from '../../../src/btf/index.ts';
import { ByteWriter } from '../../../src/bytes/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { elfSection } from '../../../tools/abi/elf-section.ts';
import { kernelVersion, toVmlinux } from '../../../tools/abi/kernel-image.ts';

const NAMES = '\0.BTF\0.rodata\0.shstrtab\0';

/** Makes an ELF file with the sections .BTF, .rodata and .shstrtab. */
function elf(wide: boolean, littleEndian: boolean, btf: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode(NAMES);
  const rodata = new TextEncoder().encode('Linux version %s\0Linux version 7.2.13+deb14 (…)\0');
  const header = wide ? 64 : 52;
  const offsets = [header, header + btf.length, header + btf.length + rodata.length];
  const table = header + btf.length + rodata.length + names.length;
  const writer = new ByteWriter({ littleEndian });
  const word = (value: number): unknown => (wide ? writer.u64(value) : writer.u32(value));
  writer
    .u32(littleEndian ? 0x464c457f : 0x7f454c46)
    .u8(wide ? 2 : 1)
    .u8(littleEndian ? 1 : 2)
    .u8(1)
    .zeros(9);
  writer.u16(2).u16(62).u32(1);
  for (const value of [0, 0, table]) word(value); // entry, program headers, section headers
  writer
    .u32(0)
    .u16(header)
    .u16(0)
    .u16(0)
    .u16(wide ? 64 : 40)
    .u16(4)
    .u16(3);
  writer.bytes(btf).bytes(rodata).bytes(names);
  const section = (name: number, offset: number, size: number): void => {
    writer.u32(name).u32(1);
    for (const value of [0, 0, offset, size]) word(value); // flags, address, offset, size
    writer.u32(0).u32(0);
    for (const value of [1, 0]) word(value);
  };
  section(0, 0, 0);
  section(NAMES.indexOf('.BTF'), offsets[0] ?? 0, btf.length);
  section(NAMES.indexOf('.rodata'), offsets[1] ?? 0, rodata.length);
  section(NAMES.indexOf('.shstrtab'), offsets[2] ?? 0, names.length);
  return writer.toBytes();
}

/** Makes an x86 boot image around a compressed kernel (Documentation/arch/x86/boot.rst). */
function bzImage(payload: Uint8Array): Uint8Array {
  const image = new Uint8Array(1024 + 16 + payload.length + 4);
  const view = new DataView(image.buffer);
  image[0x1f1] = 1;
  image.set(new TextEncoder().encode('HdrS'), 0x202);
  view.setUint32(0x248, 16, true);
  view.setUint32(0x24c, payload.length + 4, true);
  image.set(payload, 1024 + 16);
  return image;
}

const builder = new BtfBuilder();
builder.int('int', 4);
const btf = builder.encode();
const vmlinux = elf(true, true, btf);

test('the section is found in 32- and 64-bit files of both byte orders', () => {
  for (const wide of [true, false]) {
    for (const littleEndian of [true, false]) {
      const file = elf(wide, littleEndian, btf);
      assert.deepEqual(elfSection(file, '.BTF', 'vmlinux'), btf);
      assert.throws(() => elfSection(file, '.none', 'vmlinux'), /vmlinux: has no section \.none/);
      assert.throws(() => elfSection(file.subarray(0, file.length - 30), '.none', 'vmlinux'), FormatError);
    }
  }
});

test('the kernel is found inside its images', () => {
  const boot = new ByteWriter().u32(0x5a4d).bytes(new TextEncoder().encode('zimg'));
  const packed = gzipSync(vmlinux);
  const zboot = boot.u32(32).u32(packed.length).zeros(16).bytes(packed).toBytes();
  for (const image of [vmlinux, gzipSync(vmlinux), bzImage(gzipSync(vmlinux)), zboot]) {
    const found = toVmlinux(new Uint8Array(image), 'vmlinuz');
    assert.deepEqual(Buffer.compare(found, vmlinux), 0);
    assert.equal(BtfTypes.parse(elfSection(found, '.BTF', 'vmlinuz')).count, 1);
    assert.equal(kernelVersion(found), '7.2.13');
  }
});

for (const [program, ...args] of [
  ['zstd', '-c'],
  ['xz', '-c'],
  ['lz4', '-lc'],
] as const) {
  const missing = spawnSync(program, ['--version']).error !== undefined;
  test(`a kernel compressed with ${program}`, { skip: missing && `${program} is not installed` }, () => {
    const { stdout } = spawnSync(program, args, { input: vmlinux });
    assert.equal(Buffer.compare(toVmlinux(bzImage(stdout), 'vmlinuz'), vmlinux), 0);
  });
}

test('what is no kernel is refused', () => {
  assert.throws(() => toVmlinux(new Uint8Array(2000), 'zeros'), /zeros: begins with 00000000, neither/);
  assert.throws(() => toVmlinux(new Uint8Array(), 'nothing'), Error);
  assert.throws(() => kernelVersion(new Uint8Array(10)), /Cannot find the version/);
});
