import { ElfFile, findFunctions, parseUsdtArguments, usdtProbes } from '../../../src/elf/index.ts';
import { BpfError, FormatError } from '../../../src/errors/index.ts';
import { programFile } from '../../elf/program-writer.ts';
import { usdtFile } from '../../elf/usdt-writer.ts';
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

/** Programs with USDT probes, of each class and byte order, for both processors whose arguments can be read. */
function probed(): Uint8Array[] {
  const notes = (list: string): Parameters<typeof usdtFile>[0]['notes'] => [
    { addresses: [0x4010, 0x5000, 0x8020], provider: 'app', name: 'started', arguments: list },
    { owner: 'GNU', name: 'other' },
    { addresses: [0x4020, 0x5000, 0], name: 'ended' },
  ];
  const x86 = '-4@%edi 8@$-0x5 1@-16(%rbp,%rax,4) 8@8+counter-4(%rip) 1@%ah 8f@%xmm0';
  return ([32, 64] as const).flatMap((bits) => [
    usdtFile({ bits, notes: notes(x86), base: 0x5000, machine: bits === 32 ? 3 : 62 }),
    usdtFile({ bits, littleEndian: false, notes: notes('-4@x0 8@[sp, 16] 4@5'), base: 0x6000, machine: 183 }),
  ]);
}

const NAMES = ['init', 'work', 'work@V1', 'work@@V2', 'fast'];

export const elf: Target = {
  name: 'elf',
  seeds: () => [...objects().values(), ...programs(), ...probed()].map((object) => [object]),
  mutate: ([file = EMPTY], next) => [mutateElf(file, next)],
  run: ([file = EMPTY]) =>
    tolerate(() => {
      const parsed = ElfFile.parse(file);
      tolerate(() => parsed.symbols, FormatError);
      tolerate(() => parsed.dynamicSymbols, FormatError);
      tolerate(() => parsed.segments, FormatError);
      tolerate(() => {
        for (const { arguments: list } of usdtProbes(parsed)) {
          tolerate(() => parseUsdtArguments(list, parsed.machine), BpfError);
        }
      }, FormatError);
      for (const name of NAMES) tolerate(() => findFunctions(parsed, name), FormatError);
      for (const section of parsed.sections) tolerate(() => parsed.relocations(section), FormatError);
      return parsed;
    }, FormatError),
};
