import { ElfFile } from '../../../src/elf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { objects } from '../fixtures.ts';
import { mutateElf } from '../mutate/elf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

export const elf: Target = {
  name: 'elf',
  seeds: () => [...objects().values()].map((object) => [object]),
  mutate: ([file = EMPTY], next) => [mutateElf(file, next)],
  run: ([file = EMPTY]) =>
    tolerate(() => {
      const parsed = ElfFile.parse(file);
      tolerate(() => parsed.symbols, FormatError);
      tolerate(() => parsed.dynamicSymbols, FormatError);
      for (const section of parsed.sections) tolerate(() => parsed.relocations(section), FormatError);
      return parsed;
    }, FormatError),
};
