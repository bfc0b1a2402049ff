/** The inputs to start from: the compiled fixtures, and types of real kernels. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { BtfBuilder, BtfTypes } from '../../src/btf/index.ts';
import { withReferences } from '../../src/btf/references.ts';
import { ElfFile } from '../../src/elf/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const compiled = join(root, 'test', 'fixtures', 'compiled');

/** Object files by name. */
export function objects(pattern: RegExp = /./): Map<string, Uint8Array> {
  const names = readdirSync(compiled).filter((name) => name.endsWith('.o') && pattern.test(name));
  return new Map(names.map((name) => [basename(name), new Uint8Array(readFileSync(join(compiled, name)))]));
}

/** A copy of the bytes of an object's section. Empty if there is no such section. */
export function sectionOf(object: Uint8Array, name: string): Uint8Array {
  return ElfFile.parse(object).section(name)?.data.slice() ?? new Uint8Array(0);
}

/** The types of the newest kernel's BPF interface. The generator of the tables reads the same ones. */
export function interfaceBtf(): Uint8Array {
  const folder = join(root, 'tools', 'abi');
  const name = readdirSync(folder).find((file) => file.endsWith('.btf.br')) ?? '';
  return new Uint8Array(brotliDecompressSync(readFileSync(join(folder, name))));
}

const RUNNING = '/sys/kernel/btf/vmlinux';

/** The first types of the running kernel. References to later types become void. `undefined` without BTF. */
export function kernelSlice(count: number, littleEndian = true): Uint8Array | undefined {
  if (!existsSync(RUNNING)) return undefined;
  const builder = new BtfBuilder();
  for (const type of BtfTypes.parse(new Uint8Array(readFileSync(RUNNING)))) {
    if (type.id > count) break;
    if (type.kind !== 'void') builder.add(withReferences(type, (id) => (id > count ? 0 : id)));
  }
  return builder.encode({ littleEndian });
}
