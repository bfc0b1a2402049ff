import { disassemble } from '../../../src/asm/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { objects } from '../fixtures.ts';
import { mutateElf } from '../mutate/elf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** An object file as a whole. */
export const spec: Target = {
  name: 'spec',
  seeds: () => [...objects().values()].map((object) => [object]),
  mutate: ([file = EMPTY], next) => [mutateElf(file, next)],
  run: ([file = EMPTY]) =>
    tolerate(() => {
      const read = CollectionSpec.parse(file);
      for (const { instructions } of Object.values(read.programs)) disassemble(instructions);
      return read;
    }, FormatError),
};
