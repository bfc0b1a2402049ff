import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allFunctions } from '../../src/elf/functions.ts';
import { ElfFile, findFunctions } from '../../src/elf/index.ts';
import { offsetInFile } from '../../src/elf/segments.ts';
import { FormatError } from '../../src/errors/index.ts';
import type { Kind } from './elf-writer.ts';
import { CODE_ADDRESS, CODE_OFFSET, type ProgramInit, programFile } from './program-writer.ts';

const KINDS: readonly Kind[] = [
  { littleEndian: true, bits: 64 },
  { littleEndian: false, bits: 64 },
  { littleEndian: true, bits: 32 },
  { littleEndian: false, bits: 32 },
];
const HIDDEN = 0x8000;

/** The functions that a name means in a file, as `NAME at OFFSET`. */
function meaning(init: ProgramInit, name: string): string[] {
  return findFunctions(ElfFile.parse(programFile(init)), name).map(
    (found) => `${found.name} at ${found.offset === undefined ? 'none' : found.offset - CODE_OFFSET}`,
  );
}

const at = (offset: number): number => CODE_ADDRESS + offset;

/** A library with an old and a default version of `work`, and one version of `gone` that only old programs use. */
const versioned: ProgramInit = {
  versions: ['V1', 'V2'],
  dynamic: [
    { name: 'work', address: at(0), version: 2 | HIDDEN },
    { name: 'work', address: at(16), version: 3 },
    { name: 'gone', address: at(32), version: 2 | HIDDEN },
    { name: 'twice', address: at(48), version: 2 | HIDDEN },
    { name: 'twice', address: at(64), version: 3 | HIDDEN },
    { name: 'plain', address: at(80), version: 1 },
    { name: 'elsewhere', address: 0, kind: 'undefined', version: 2 },
  ],
};

for (const kind of KINDS) {
  const { bits, littleEndian } = kind;
  test(`a name means its default version, ${bits} bits, ${littleEndian ? 'little' : 'big'}-endian`, () => {
    const means = (name: string): string[] => meaning({ ...versioned, ...kind }, name);
    assert.deepEqual(means('work'), ['work@@V2 at 16']);
    assert.deepEqual(means('work@V1'), ['work@V1 at 0']);
    assert.deepEqual(means('work@V2'), ['work@@V2 at 16']);
    assert.deepEqual(means('work@@V2'), ['work@@V2 at 16']);
    assert.deepEqual(means('work@@V1'), []);
    assert.deepEqual(means('work@V3'), []);
    assert.deepEqual(means('plain'), ['plain at 80']);
    assert.deepEqual(means('elsewhere'), []);
    // Without a default, a single version is the one that is meant. Of two, both are found.
    assert.deepEqual(means('gone'), ['gone@V1 at 32']);
    assert.deepEqual(means('twice'), ['twice@V1 at 48', 'twice@V2 at 64']);
  });
}

test('the larger table: names with versions in them, and what is exported without them', () => {
  const symbols = [
    { name: 'work@V1', address: at(0) },
    { name: 'work@@V2', address: at(16) },
    { name: 'worker', address: at(96) },
  ];
  for (const init of [{ symbols }, { ...versioned, symbols }]) {
    assert.deepEqual(meaning(init, 'work'), ['work@@V2 at 16']);
    assert.deepEqual(meaning(init, 'work@V1'), ['work@V1 at 0']);
    assert.deepEqual(meaning(init, 'work@@V1'), []);
    assert.deepEqual(meaning(init, 'worker'), ['worker at 96']);
  }
  // Older linkers leave out the versions.
  const plain = symbols.map(({ name, address }) => ({ name: name.replace(/@.*/, ''), address }));
  assert.deepEqual(meaning({ ...versioned, symbols: plain }, 'work'), ['work@@V2 at 16']);
  assert.deepEqual(meaning({ ...versioned, symbols: plain }, 'twice'), ['twice@V1 at 48', 'twice@V2 at 64']);
  const elf = ElfFile.parse(programFile({ ...versioned, symbols: plain }));
  assert.deepEqual(
    allFunctions(elf, 'work').map(({ name }) => name),
    ['work@V1', 'work@@V2'],
  );
});

test('static functions of one name are all meant, unless others can call one of that name', () => {
  const statics = [
    { name: 'a.c', address: 0, kind: 'file' },
    { name: 'init', address: at(0), kind: 'local' },
    { name: 'b.c', address: 0, kind: 'file' },
    { name: 'init', address: at(16), kind: 'local' },
    { name: 'other', address: at(16), kind: 'local' },
  ] as const;
  const found = findFunctions(ElfFile.parse(programFile({ symbols: statics })), 'init');
  assert.deepEqual(
    found.map(({ name, source, address }) => [name, source, address]),
    [
      ['init', 'a.c', at(0)],
      ['init', 'b.c', at(16)],
    ],
  );
  const callable = { name: 'init', address: at(32) };
  assert.deepEqual(meaning({ symbols: [...statics, callable] }, 'init'), ['init at 32']);
  assert.deepEqual(meaning({ symbols: statics, dynamic: [callable] }, 'init'), ['init at 32']);
  assert.deepEqual(meaning({ symbols: [...statics, callable, { name: 'init', address: at(48) }] }, 'init'), [
    'init at 32',
    'init at 48',
  ]);
  // Two names for one place count as one place.
  assert.deepEqual(meaning({ symbols: [callable, callable], dynamic: [callable] }, 'init'), ['init at 32']);
  assert.deepEqual(meaning({ symbols: [...statics.slice(0, 2), ...statics.slice(0, 2)] }, 'init'), [
    'init at 0',
  ]);
});

test('an indirect function is told from others', () => {
  const elf = ElfFile.parse(programFile({ dynamic: [{ name: 'fast', address: at(8), kind: 'indirect' }] }));
  assert.deepEqual(
    findFunctions(elf, 'fast').map(({ indirect, offset }) => [indirect, offset]),
    [[true, CODE_OFFSET + 8]],
  );
});

test('the place in the file comes from the segments, whatever the section headers say', () => {
  const dynamic = [{ name: 'b', address: at(4) }];
  assert.deepEqual(meaning({ dynamic, stale: 0x1000 }, 'b'), ['b at 4']);
  const segment = { offset: 0x1000, address: 0x4000, fileSize: 0x1000 };
  assert.deepEqual(meaning({ dynamic, segments: [] }, 'b'), ['b at none']);
  assert.deepEqual(meaning({ dynamic, segments: [{ ...segment, flags: 6 }] }, 'b'), ['b at none'], 'data');
  assert.deepEqual(meaning({ dynamic, segments: [{ ...segment, type: 2 }] }, 'b'), ['b at none']);
  assert.deepEqual(meaning({ dynamic, segments: [{ ...segment, fileSize: 0x14 }] }, 'b'), ['b at none']);
  const later = { ...segment, offset: 0x2000 };
  assert.deepEqual(meaning({ dynamic, segments: [segment, later] }, 'b'), [`b at ${0x1004}`], 'mapped over');
  assert.equal(
    offsetInFile([{ address: 0, offset: 2 ** 63, fileSize: 2 ** 60, executable: true }], 2 ** 40),
    undefined,
  );
});

const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    'program headers of another size',
    programFile().with(54, 40),
    /^f, ELF program headers, offset 0: a program header has 40 bytes, expected 56$/,
  ],
  [
    'more program headers than bytes',
    programFile().with(57, 200),
    /^f, ELF program headers, offset 64: 51202 program headers do not fit the file of \d+ bytes$/,
  ],
];

for (const [what, bytes, message] of refusals) {
  test(`refuses ${what}`, () => {
    const elf = ElfFile.parse(bytes, { file: 'f' });
    assert.throws(() => elf.segments, { name: 'FormatError', message });
  });
}

test('versions whose list does not end where it should are refused', () => {
  const bytes = programFile(versioned);
  const { data } = ElfFile.parse(bytes).section('.gnu.version_d') ?? assert.fail();
  new DataView(data.buffer, data.byteOffset).setUint32(16, 0xffff_ff00, true);
  assert.throws(() => findFunctions(ElfFile.parse(bytes), 'work'), {
    name: 'FormatError',
    message: /^\.gnu\.version_d, .*position 4294967040 is outside the 56 bytes there are$/,
  });
});

test('damaged programs give a FormatError or an answer, never anything else', () => {
  for (const kind of KINDS) {
    const bytes = programFile({
      ...kind,
      ...versioned,
      symbols: [
        { name: 'a.c', address: 0, kind: 'file' },
        { name: 'work', address: at(5), kind: 'local' },
        { name: 'gone@V1', address: at(32) },
      ],
    });
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(bytes.length),
        fc.constantFrom('work', 'gone', 'work@V1', 'twice@@V2', '@', 'work@'),
        (changes, cut, name) => {
          const damaged = bytes.slice(0, cut % 3 === 0 ? cut : undefined);
          for (const [place, value] of changes) if (place < damaged.length) damaged[place] = value;
          try {
            for (const { offset } of findFunctions(ElfFile.parse(damaged), name)) {
              assert.ok(offset === undefined || Number.isSafeInteger(offset));
            }
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  }
});
