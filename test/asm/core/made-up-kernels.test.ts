import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfTypes } from '../../../src/btf/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { assertSame, relocatePrograms } from '../../judge/compare.ts';
import { judge } from '../../judge/judge.ts';
import { changes, madeUpKernel } from '../../judge/made-up-kernel.ts';

const OBJECTS = ['core-shapes.el.clang14.o', 'core-shapes.el.clang19.o', 'core-newer.el.clang19.o'];

/** How many kernels to make up for each object. EBPF_TS_KERNELS asks for more. */
const count = Number(process.env.EBPF_TS_KERNELS ?? 15);

test('on kernels that never were, relocation does what libbpf does', async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  if (process.getuid?.() !== 0) return t.skip('libbpf prepares objects for root only');
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-core-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of OBJECTS) {
    await t.test(name, async () => {
      const object = join('test/fixtures/compiled', name);
      const spec = await CollectionSpec.load(object);
      const { btf } = spec;
      if (btf === undefined) throw new Error(`${name} has no BTF`);
      const file = join(folder, `${name}.btf`);
      fc.assert(
        fc.property(changes, (list) => {
          const bytes = madeUpKernel(btf, list);
          writeFileSync(file, bytes);
          assertSame(relocatePrograms(spec, BtfTypes.parse(bytes)), libbpf.relocate(object, file), name);
        }),
        { numRuns: count, examples: [[[]]], includeErrorInReport: true },
      );
    });
  }
});
