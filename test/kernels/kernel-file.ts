import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackDebian } from '../../tools/debian.ts';
import type { Kernel } from './kernels.ts';

/** The folder of a kernel's unpacked package. Fetches the package into the cache folder if it is not there. */
export function kernelFolder(kernel: Kernel): Promise<string> {
  return unpackDebian({
    suite: kernel.suite,
    packages: ['linux-image-cloud-amd64'],
    only: /^linux-(image|binary)-\d/,
    into: `kernels/${kernel.suite}`,
  });
}

/** The bootable file of a kernel. */
export async function kernelFile(kernel: Kernel): Promise<string> {
  const root = await kernelFolder(kernel);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const file = files.find((name) => /(^|\/)vmlinuz[^/]*$/.test(name));
  if (file === undefined) throw new Error(`Cannot find the kernel: no vmlinuz in ${root}`);
  return join(root, file);
}
