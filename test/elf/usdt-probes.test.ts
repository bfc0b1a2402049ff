import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ElfFile, usdtProbes } from '../../src/elf/index.ts';
import { FormatError } from '../../src/errors/index.ts';
import type { Kind } from './elf-writer.ts';
import { type UsdtFileInit, usdtFile } from './usdt-writer.ts';

const KINDS: readonly Kind[] = ([32, 64] as const).flatMap((bits) =>
  [true, false].map((littleEndian) => ({ bits, littleEndian })),
);

const probesOf = (init: UsdtFileInit): ReturnType<typeof usdtProbes> =>
  usdtProbes(ElfFile.parse(usdtFile(init), { file: 'x' }));

for (const kind of KINDS) {
  test(`probes, ${kind.bits} bits, ${kind.littleEndian ? 'little' : 'big'}-endian`, () => {
    const notes = [
      { addresses: [0x4010, 0x5000, 0x8020], provider: 'app', name: 'started', arguments: '-4@%edi 8@$1' },
      { owner: 'stapsdx', name: 'of another owner' },
      { owner: 'GNU', name: 'of another owner' },
      { type: 4, name: 'of another type' },
      { addresses: [0x4fff, 0, 0], name: 'colon', arguments: ':' },
    ];
    assert.deepEqual(probesOf({ ...kind, notes }), [
      {
        provider: 'app',
        name: 'started',
        arguments: '-4@%edi 8@$1',
        address: 0x4010,
        offset: 0x1010,
        semaphore: 0x8020,
        semaphoreOffset: 0x2020,
      },
      {
        provider: 'test',
        name: 'colon',
        arguments: '',
        address: 0x4fff,
        offset: 0x1fff,
        semaphore: 0,
        semaphoreOffset: undefined,
      },
    ]);
  });
}

test('prelinked files: code and semaphore moved with .stapsdt.base', () => {
  const note = { addresses: [0x10, 0x800, 0x4020] };
  const [moved] = probesOf({ notes: [note], base: 0x4800 });
  assert.deepEqual(
    [moved?.address, moved?.offset, moved?.semaphore, moved?.semaphoreOffset],
    [0x4010, 0x1010, 0x8020, 0x2020],
  );
  // One of the two is not known: nothing is moved.
  const [unmoved] = probesOf({ notes: [{ addresses: [0x4010, 0, 0x8020] }], base: 0x4800 });
  assert.equal(unmoved?.address, 0x4010);
  const [without] = probesOf({ notes: [note] });
  assert.deepEqual([without?.address, without?.offset], [0x10, undefined]);
});

test('addresses that no part of the file has', () => {
  const places = (addresses: number[]): unknown[] => {
    const [probe] = probesOf({ notes: [{ addresses }] });
    return [probe?.offset, probe?.semaphoreOffset];
  };
  assert.deepEqual(places([0x3fff, 0, 0x7fff]), [undefined, undefined]);
  assert.deepEqual(places([0x5000, 0, 0x9000]), [undefined, undefined]);
  // Code in data, and a semaphore in code.
  assert.deepEqual(places([0x8000, 0, 0x4000]), [undefined, undefined]);
  assert.deepEqual(places([2 ** 53, 0, 2 ** 53]), [undefined, undefined]);
});

test('files without probes', () => {
  assert.deepEqual(probesOf({ notes: [] }), []);
  assert.deepEqual(probesOf({ notes: [{}], sectionType: 1 }), []);
});

/** The only section of notes, with other bytes. */
const withNotes = (data: Uint8Array): ElfFile =>
  ElfFile.parse(
    usdtFile({ notes: [], sectionType: 1, sections: [{ name: '.note.stapsdt', type: 7, data }] }),
    { file: 'x' },
  );

test('malformed notes', () => {
  const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  const text = Buffer.from('stapsdt\0');
  const refused = (data: Uint8Array, message: RegExp): void => {
    assert.throws(
      () => usdtProbes(withNotes(data)),
      (error) => FormatError.is(error) && error.section === '.note.stapsdt' && message.test(error.message),
    );
  };
  refused(words(8, 40), /offset 8: 4 bytes needed, 0 left/);
  refused(words(0xffff_ffff, 40, 3), /offset 12: 4294967295 bytes needed, 0 left/);
  refused(Buffer.concat([words(8, 0xffff_ffff, 3), text]), /4294967295 bytes needed, 0 left/);
  refused(
    Buffer.concat([words(8, 20, 3), text, words(0, 0, 0, 0, 0)]),
    /offset 20: 24 bytes needed, 20 left/,
  );
  const addresses = words(0, 0, 0, 0, 0, 0);
  const strings = (value: string): Uint8Array =>
    Buffer.concat([words(8, 24 + value.length, 3), text, addresses, Buffer.from(value)]);
  refused(strings('test'), /string without a terminating NUL/);
  refused(strings('test\0probe\0'), /string without a terminating NUL/);
  // The last note needs no padding.
  assert.equal(usdtProbes(withNotes(strings('a\0b\0\0')))[0]?.name, 'b');
});

test('any bytes are notes, or a FormatError', () => {
  const good = usdtFile({ notes: [{ addresses: [0x4010, 0, 0x8000] }, { name: 'second' }] });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.uint8Array({ maxLength: 200 }),
      (changes, bytes) => {
        const damaged = Uint8Array.from(good);
        for (const [at, value] of changes) damaged[at] = value;
        for (const parse of [() => ElfFile.parse(damaged), () => withNotes(bytes)]) {
          try {
            for (const probe of usdtProbes(parse())) {
              assert.ok(probe.offset === undefined || Number.isSafeInteger(probe.offset));
            }
          } catch (error) {
            if (!FormatError.is(error)) throw error;
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
