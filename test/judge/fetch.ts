/** Fetches what comparisons on other kernels' types need: the matrix's kernels, into the cache folder. */
import { kernelFile } from '../kernels/kernel-file.ts';
import { kernels } from '../kernels/kernels.ts';
import { kernelBtfs } from './kernel-btf.ts';

for (const kernel of kernels) await kernelFile(kernel);
for (const { name, file, missing } of await kernelBtfs()) console.log(`types of ${name}: ${file ?? missing}`);
