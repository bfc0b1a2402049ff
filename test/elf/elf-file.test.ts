import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ElfFile, EM_BPF } from '../../src/elf/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import { elfFile, type Kind, relTable, type SectionInit, strings, symbolTable } from './elf-writer.ts';

const CODE = new Uint8Array(24).fill(0xb7);

const LITTLE: Kind = { littleEndian: true, bits: 64 };
const KINDS: readonly Kind[] = [
  LITTLE,
  { littleEndian: false, bits: 64 },
  { littleEndian: true, bits: 32 },
  { littleEndian: false, bits: 32 },
];

function sample(kind: Kind, change: (sections: SectionInit[]) => void = () => {}): Uint8Array {
  const names = strings('counter', 'main', 'helper');
  const [counter = 0, main = 0, helper = 0] = names.offsets;
  const sections: SectionInit[] = [
    { name: 'xdp', flags: 6, data: CODE },
    { name: '.bss', type: 8, flags: 3, size: 4096 },
    { name: '.strtab', type: 3, data: names.data },
    {
      name: '.symtab',
      type: 2,
      link: 3,
      entrySize: kind.bits === 32 ? 16 : 24,
      data: symbolTable(
        [
          {},
          { name: counter, info: 0x11, section: 2, value: 8, size: 4 },
          { name: main, info: 0x12, section: 1, size: 16 },
          { name: helper, info: 0x22, other: 2, section: 1, value: 16, size: 8 },
          { info: 3, section: 1 },
        ],
        kind,
      ),
    },
    {
      name: '.relxdp',
      type: 9,
      link: 4,
      info: 1,
      entrySize: kind.bits === 32 ? 8 : 16,
      data: relTable(
        [
          [8, 10, 3],
          [0, 1, 1],
        ],
        kind,
      ),
    },
  ];
  change(sections);
  return elfFile(sections, kind);
}

for (const kind of KINDS) {
  const { littleEndian, bits } = kind;
  test(`reads sections, symbols and relocations, ${bits} bits, ${littleEndian ? 'little' : 'big'}-endian`, () => {
    const elf = ElfFile.parse(sample(kind));
    assert.equal(elf.littleEndian, littleEndian);
    assert.equal(elf.layout.bits, bits);
    assert.equal(elf.machine, EM_BPF);
    assert.deepEqual(
      elf.sections
        .map(({ name, size, executable, writable }) => [name, size, executable, writable])
        .slice(0, 4),
      [
        ['', 0, false, false],
        ['xdp', 24, true, false],
        ['.bss', 4096, false, true],
        ['.strtab', 21, false, false],
      ],
    );
    const xdp = elf.section('xdp');
    assert.ok(xdp !== undefined);
    assert.deepEqual(xdp.data, CODE);
    assert.equal(elf.section('.bss')?.data.length, 0);
    assert.equal(elf.section('nothing'), undefined);
    assert.deepEqual(
      elf.symbols.map(({ name, type, binding, visibility, value, size }) => [
        name,
        type,
        binding,
        visibility,
        value,
        size,
      ]),
      [
        ['', 'notype', 'local', 'default', 0, 0],
        ['counter', 'object', 'global', 'default', 8, 4],
        ['main', 'function', 'global', 'default', 0, 16],
        ['helper', 'function', 'weak', 'hidden', 16, 8],
        ['', 'section', 'local', 'default', 0, 0],
      ],
    );
    assert.equal(elf.sectionOf(elf.symbols[1] ?? assert.fail())?.name, '.bss');
    assert.equal(elf.sectionOf(elf.symbols[0] ?? assert.fail()), undefined);
    assert.deepEqual(
      elf.relocations(xdp).map(({ offset, type, symbol, addend }) => [offset, type, symbol.name, addend]),
      [
        [0, 1, 'counter', undefined],
        [8, 10, 'helper', undefined],
      ],
    );
    assert.equal(elf.relocations(xdp), elf.relocations(xdp), 'read once');
  });
}

const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    'no ELF file',
    Uint8Array.of(1, 2, 3, 4, 5),
    /^f\.o, ELF header, offset 0: it is not an ELF file: magic is 0x01020304, expected 0x7f454c46$/,
  ],
  ['an empty file', new Uint8Array(0), /^f\.o, ELF header, offset 0: 4 bytes needed, 0 left$/],
  [
    'an odd class',
    sample(LITTLE).with(4, 3),
    /^f\.o, ELF header, offset 4: class is 3, expected 1 \(32-bit\) or 2 \(64-bit\)$/,
  ],
  [
    '32 bits that are 64',
    sample(LITTLE).with(4, 1),
    /^f\.o, ELF header, offset 40: header size is \d+, expected 52$/,
  ],
  [
    'an odd byte order',
    sample(LITTLE).with(5, 9),
    /offset 5: byte order is 9, expected 1 \(little\) or 2 \(big\)$/,
  ],
  [
    'more sections than bytes',
    elfFile([], { sectionCount: 60000 }),
    /60000 section headers do not fit the file/,
  ],
  [
    'names in no section',
    elfFile([{ name: 'a' }], { namesIndex: 1 }),
    /section names are in section 1, which is no/,
  ],
  [
    'a section beyond the end',
    elfFile([{ name: 'a', data: CODE, size: 1e6 }]),
    /section 1 takes bytes \d+ to \d+ of a file of \d+$/,
  ],
];

for (const [what, bytes, message] of refusals) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => ElfFile.parse(bytes, { file: 'f.o' }),
      (error: Error) => {
        assert.ok(error instanceof FormatError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

const late: readonly (readonly [string, (sections: SectionInit[]) => void, RegExp])[] = [
  [
    'a symbol in a section that is not there',
    (sections) => {
      sections[3] = { ...(sections[3] as SectionInit), data: symbolTable([{}, { section: 77 }]) };
    },
    /^\.symtab, offset 30: symbol 1 is in section 77 of 7$/,
  ],
  [
    'symbols of another size',
    (sections) => {
      sections[3] = { ...(sections[3] as SectionInit), entrySize: 16 };
    },
    /^\.symtab, offset 0: an entry has 16 bytes, expected 24$/,
  ],
  [
    'half a symbol',
    (sections) => {
      sections[3] = { ...(sections[3] as SectionInit), data: new Uint8Array(30) };
    },
    /30 bytes are not a whole number of 24-byte entries$/,
  ],
  [
    'a relocation against no symbol',
    (sections) => {
      sections[4] = { ...(sections[4] as SectionInit), data: relTable([[0, 1, 99]]) };
    },
    /^\.relxdp, offset 8: relocation 0 is against symbol 99 of 5$/,
  ],
  [
    'a relocation beyond its section',
    (sections) => {
      sections[4] = { ...(sections[4] as SectionInit), data: relTable([[24, 1, 1]]) };
    },
    /relocation 0 is at offset 24 of xdp, which has 24 bytes$/,
  ],
];

for (const [what, change, message] of late) {
  test(`refuses ${what}, when it is asked for`, () => {
    const elf = ElfFile.parse(sample(LITTLE, change));
    const xdp = elf.section('xdp') ?? assert.fail();
    assert.throws(() => elf.relocations(xdp), { name: 'FormatError', message });
  });
}

test('names made to expand without end are refused', () => {
  const names = new Uint8Array(4097).fill(0x61);
  names[0] = 0;
  names[4096] = 0;
  const symbols = Array.from({ length: 400 }, (_, i) => ({ name: 1 + i }));
  const elf = ElfFile.parse(
    elfFile([
      { name: '.strtab', type: 3, data: names },
      { name: '.symtab', type: 2, link: 1, entrySize: 24, data: symbolTable([{}, ...symbols]) },
    ]),
  );
  assert.throws(() => elf.symbols, { name: 'FormatError', message: /overlap too much/ });
});

test('names are the same in small and large tables, and with characters of several bytes', () => {
  for (const words of [
    ['plain', 'names'],
    ['names', 'größe'],
    ['plain', 'x'.repeat(1 << 17)],
  ]) {
    const { data, offsets } = strings(...words);
    const elf = ElfFile.parse(
      elfFile([
        { name: '.strtab', type: 3, data },
        {
          name: '.symtab',
          type: 2,
          link: 1,
          entrySize: 24,
          data: symbolTable(offsets.map((name) => ({ name }))),
        },
      ]),
    );
    assert.deepEqual(
      elf.symbols.map(({ name }) => name),
      words,
    );
  }
});

test('damaged files give a FormatError or an answer, never anything else', () => {
  for (const kind of KINDS) damage(sample(kind));
});

function damage(bytes: Uint8Array): void {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.nat(bytes.length),
      (changes, cut) => {
        const damaged = bytes.slice(0, cut % 3 === 0 ? cut : undefined);
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        try {
          const elf = ElfFile.parse(damaged);
          for (const section of elf.sections) elf.relocations(section);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
}
