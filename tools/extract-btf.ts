/**
 * Takes the BTF out of a kernel and keeps what the generator needs of it in `tools/abi/`.
 *
 *     node dist/tools/extract-btf.js KERNEL     a vmlinuz or vmlinux, or a folder a kernel package was unpacked in
 *     node dist/tools/extract-btf.js --newest   the newest kernel of Debian's newest suite (needs the network)
 *     ... --whole FILE                          writes the kernel's whole BTF to FILE instead
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { BtfTypes } from '../src/btf/index.ts';
import { elfSection } from './abi/elf-section.ts';
import { kernelVersion, toVmlinux } from './abi/kernel-image.ts';
import { subset } from './abi/subset.ts';
import { unpackDebian } from './debian.ts';

const FOLDER = join('tools', 'abi');

/** The kernel image itself, or the only one in a folder. */
function findImage(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const images = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)(vmlinux|vmlinuz)(-[^/]*)?$/.test(name),
  );
  const [image] = images;
  if (image === undefined || images.length > 1)
    throw new Error(`${path} holds ${images.length} kernel images`);
  return join(path, image);
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { newest: { type: 'boolean', default: false }, whole: { type: 'string' } },
});
const [given] = options.newest
  ? [
      await unpackDebian({
        suite: 'sid',
        packages: ['linux-image-cloud-amd64'],
        only: /^linux-(binary|image)-\d/,
      }),
    ]
  : positionals;
if (given === undefined) {
  console.error('usage: node dist/tools/extract-btf.js [--whole FILE] KERNEL | --newest');
  process.exit(2);
}
const file = findImage(given);
const vmlinux = toVmlinux(new Uint8Array(readFileSync(file)), file);
const btf = elfSection(vmlinux, '.BTF', file);
const types = BtfTypes.parse(btf, { file });
if (options.whole !== undefined) {
  writeFileSync(options.whole, btf);
  console.log(`${options.whole}: ${types.count} types, ${btf.length} bytes`);
} else {
  const kept = subset(types);
  const compressed = brotliCompressSync(kept, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: kept.length },
  });
  for (const name of readdirSync(FOLDER)) if (name.endsWith('.btf.br')) rmSync(join(FOLDER, name));
  const output = join(FOLDER, `linux-${kernelVersion(vmlinux)}.btf.br`);
  writeFileSync(output, compressed);
  console.log(`${output}: ${BtfTypes.parse(kept).count} of ${types.count} types, ${compressed.length} bytes`);
}
