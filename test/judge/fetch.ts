/** Downloads the kernels of the matrix into the cache folder. Comparisons with the types of other kernels need them. */
import { kernelFile } from '../kernels/kernel-file.ts';
import { kernels } from '../kernels/kernels.ts';
import { kernelBtfs } from './kernel-btf.ts';

for (const kernel of kernels) await kernelFile(kernel);
for (const { name, file, missing } of await kernelBtfs()) console.log(`types of ${name}: ${file ?? missing}`);
