/** The types of the running kernel, and of the kernels in the cache folder that the matrix boots. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { BtfTypes } from '../../src/btf/index.ts';
import { elfSection } from '../../tools/abi/elf-section.ts';
import { toVmlinux } from '../../tools/abi/kernel-image.ts';
import { cached, cacheRoot } from '../../tools/cache.ts';
import { type Kernel, kernels } from '../kernels/kernels.ts';

/** A kernel, with a file of its types, or why there is none. */
export interface KernelBtf {
  readonly name: string;
  readonly file?: string;
  readonly missing?: string;
}

const RUNNING = '/sys/kernel/btf/vmlinux';

async function extract(kernel: Kernel): Promise<KernelBtf> {
  const { name, suite } = kernel;
  const root = join(cacheRoot(), 'kernels', suite);
  const files = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  const image = files.find((file) => /(^|\/)vmlinuz[^/]*$/.test(file));
  if (image === undefined)
    return { name, missing: `no kernel ${name} in the cache: test:kernels fetches it` };
  const folder = await cached(`kernel-btf/${suite}-${basename(image)}`, (into) => {
    const vmlinux = toVmlinux(new Uint8Array(readFileSync(join(root, image))), image);
    writeFileSync(join(into, 'vmlinux.btf'), elfSection(vmlinux, '.BTF', image));
  });
  return { name, file: join(folder, 'vmlinux.btf') };
}

/** The running kernel and those of the matrix. */
export async function kernelBtfs(): Promise<KernelBtf[]> {
  const running: KernelBtf = existsSync(RUNNING)
    ? { name: 'running', file: RUNNING }
    : { name: 'running', missing: 'the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)' };
  return [running, ...(await Promise.all(kernels.map(extract)))];
}

/** A test with a subtest for each kernel's types: the running kernel's, and those in the cache folder. */
export function forEachKernel(title: string, check: (types: BtfTypes) => void): void {
  test(title, async (t) => {
    for (const { name, file, missing } of await kernelBtfs()) {
      await t.test(`Linux ${name}`, (t) => {
        if (file === undefined) t.skip(missing);
        else check(BtfTypes.parse(new Uint8Array(readFileSync(file)), { file }));
      });
    }
  });
}
