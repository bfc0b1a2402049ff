import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertSame, read, relocatePrograms } from '../../judge/compare.ts';
import { judge } from '../../judge/judge.ts';
import { kernelBtfs } from '../../judge/kernel-btf.ts';

const FOLDER = 'test/fixtures/compiled';
/** The objects with relocations of kernel types. libbpf takes only objects of the machine's own byte order. */
const objects = readdirSync(FOLDER).filter((name) => /^core-(kernel|newer)\.el\./.test(name));

test('instructions after CO-RE relocation are those of libbpf, on every kernel', async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  if (process.getuid?.() !== 0) return t.skip('libbpf prepares objects for root only');
  for (const kernel of await kernelBtfs()) {
    await t.test(`Linux ${kernel.name}`, (t) => {
      const { file } = kernel;
      if (file === undefined) return t.skip(kernel.missing);
      for (const name of objects) {
        const object = join(FOLDER, name);
        const { spec, target } = read(object, file);
        assertSame(relocatePrograms(spec, target), libbpf.relocate(object, file), name);
      }
    });
  }
});
