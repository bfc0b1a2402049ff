import { relocate } from '../../../src/asm/index.ts';
import { BtfTypes, CoreRelocator } from '../../../src/btf/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { FormatError, RelocationError } from '../../../src/errors/index.ts';
import { tryRelocation } from '../../btf/core/try-relocation.ts';
import { interfaceBtf, kernelSlice, objects, sectionOf } from '../fixtures.ts';
import { mutateBtf } from '../mutate/btf.ts';
import { mutateElf } from '../mutate/elf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** An object file, and the types of the kernel that it is adapted to. */
export const core: Target = {
  name: 'core',
  seeds: () => {
    const kernels = [interfaceBtf(), kernelSlice(1000)].filter((blob) => blob !== undefined);
    return [...objects(/^(core-|externs|targets|struct)/).values()].flatMap((object, i) => [
      [object, sectionOf(object, '.BTF')],
      [object, kernels[i % kernels.length] ?? EMPTY],
    ]);
  },
  mutate: ([object = EMPTY, kernel = EMPTY], next) => {
    const which = 1 + next(3);
    return [
      (which & 1) === 0 ? object : mutateElf(object, next),
      (which & 2) === 0 ? kernel : mutateBtf(kernel, next),
    ];
  },
  run: ([object = EMPTY, kernel = EMPTY]) =>
    tolerate(() => {
      const spec = CollectionSpec.parse(object);
      if (spec.btf === undefined) return spec;
      const relocator = new CoreRelocator(spec.btf, BtfTypes.parse(kernel));
      for (const { instructions } of [...Object.values(spec.programs), ...Object.values(spec.functions)]) {
        for (const { core: relocation } of instructions) {
          if (relocation !== undefined) tryRelocation(relocator, relocation);
        }
        const done = tolerate(() => relocate(instructions, relocator), FormatError, RelocationError);
        for (const { error } of done?.poisoned ?? []) tolerate(error, FormatError, RelocationError);
      }
      return { spec, relocator };
    }, FormatError),
};
