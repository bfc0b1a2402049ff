import { ElfFile, findFunctions } from '../../../src/elf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { programFile } from '../../elf/program-writer.ts';
import { objects } from '../fixtures.ts';
import { mutateElf } from '../mutate/elf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** Libraries of each class and byte order. They have versions, and names that several functions share. */
function programs(): Uint8Array[] {
  const functions = [
    { name: 'a.c', address: 0, kind: 'file' },
    { name: 'init', address: 0x4010, kind: 'local' },
    { name: 'work@V1', address: 0x4020 },
    { name: 'init', address: 0x4030, kind: 'local' },
  ] as const;
  const dynamic = [
    { name: 'work', address: 0x4020, version: 0x8002 },
    { name: 'work', address: 0x4028, version: 3 },
    { name: 'fast', address: 0x4040, kind: 'indirect', version: 1 },
  ] as const;
  const file = { versions: ['V1', 'V2'], dynamic, symbols: functions };
  return ([32, 64] as const).flatMap((bits) =>
    [true, false].map((littleEndian) => programFile({ ...file, bits, littleEndian })),
  );
}

const NAMES = ['init', 'work', 'work@V1', 'work@@V2', 'fast'];

export const elf: Target = {
  name: 'elf',
  seeds: () => [...objects().values(), ...programs()].map((object) => [object]),
  mutate: ([file = EMPTY], next) => [mutateElf(file, next)],
  run: ([file = EMPTY]) =>
    tolerate(() => {
      const parsed = ElfFile.parse(file);
      tolerate(() => parsed.symbols, FormatError);
      tolerate(() => parsed.dynamicSymbols, FormatError);
      tolerate(() => parsed.segments, FormatError);
      for (const name of NAMES) tolerate(() => findFunctions(parsed, name), FormatError);
      for (const section of parsed.sections) tolerate(() => parsed.relocations(section), FormatError);
      return parsed;
    }, FormatError),
};
