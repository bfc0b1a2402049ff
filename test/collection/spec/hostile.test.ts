import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import {
  elfFile,
  relTable,
  type SectionInit,
  type SymbolInit,
  strings,
  symbolTable,
} from '../../elf/elf-writer.ts';

const FUNCTION = 0x12; // global
const EXECUTABLE = 6;
const CALL32 = 10;

/** Instructions that only exit. */
function code(count: number): Uint8Array {
  const bytes = new Uint8Array(8 * count);
  for (let i = 0; i < count; i++) bytes[8 * i] = 0x95;
  return bytes;
}

/** An object: sections of instructions, symbols with names of their own, and relocations of the first section. */
function object(
  sections: readonly SectionInit[],
  symbols: readonly SymbolInit[],
  relocations?: Uint8Array,
): Uint8Array {
  const names = strings(...symbols.map((_, i) => `f${i}`));
  const table = symbolTable([
    {},
    ...symbols.map((symbol, i) => ({ ...symbol, name: names.offsets[i] ?? 0 })),
  ]);
  const [symtab, strtab] = [sections.length + 1, sections.length + 2];
  return elfFile([
    ...sections,
    { name: '.symtab', type: 2, data: table, link: strtab, entrySize: 24 },
    { name: '.strtab', type: 3, data: names.data },
    ...(relocations === undefined
      ? []
      : [{ name: '.rel', type: 9, data: relocations, link: symtab, info: 1, entrySize: 16 }]),
  ]);
}

test('functions that overlap many times over are refused: each would have its own instructions', () => {
  const sections = [{ name: 'xdp', flags: EXECUTABLE, data: code(8192) }];
  const whole = { info: FUNCTION, section: 1, size: 65_536 };
  const two = CollectionSpec.parse(object(sections, [whole, whole]));
  assert.equal(Object.keys(two.programs).length, 2, 'one function may have two names');
  assert.throws(
    () => CollectionSpec.parse(object(sections, new Array<SymbolInit>(2000).fill(whole))),
    (error) =>
      error instanceof FormatError &&
      /functions take 131072000 bytes, but the section has 65536/.test(error.message),
  );
});

test('sections that overlap many times over are refused', () => {
  const bytes = elfFile(new Array<SectionInit>(50).fill({ name: 'xdp', data: code(1) }));
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(40, true));
  for (let i = 1; i <= 50; i++) {
    view.setBigUint64(table + 64 * i + 24, 0n, true);
    view.setBigUint64(table + 64 * i + 32, BigInt(bytes.length), true);
  }
  assert.throws(
    () => ElfFile.parse(bytes),
    (error) => error instanceof FormatError && /sections take \d+ bytes of a file of/.test(error.message),
  );
});

test('work grows with the size of the file, not with its square', () => {
  const count = 20_000;
  const calls = new Uint8Array(8 * count);
  for (let i = 0; i < count; i++) calls.set([0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff], 8 * i);
  const functions = Array.from({ length: count }, (_, i) => ({
    info: FUNCTION,
    section: 1,
    value: 8 * i,
    size: 8,
  }));
  const undefinedOne = { info: 0x10 };
  const relocations = relTable(functions.map(({ value }) => [value, CALL32, count + 1]));
  const one = object(
    [{ name: 'xdp', flags: EXECUTABLE, data: calls }],
    [...functions, undefinedOne],
    relocations,
  );
  assert.equal(Object.keys(CollectionSpec.parse(one).programs).length, count);

  const many = 10_000;
  const sections = Array.from({ length: many }, () => ({ name: 'xdp', flags: EXECUTABLE, data: code(1) }));
  const symbols = sections.map((_, i) => ({ info: FUNCTION, section: 1 + i, size: 8 }));
  assert.equal(Object.keys(CollectionSpec.parse(object(sections, symbols)).programs).length, many);
});
