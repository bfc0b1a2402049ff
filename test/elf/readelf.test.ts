import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ElfFile } from '../../src/elf/index.ts';

const SOURCE = `
static int hidden_count;
extern int elsewhere;
int shared[12] = { 1 };
__attribute__((weak)) int feeble(void) { return elsewhere; }
__attribute__((section("odd/name.with:signs"))) int placed(int *p) { return feeble() + *p + hidden_count; }
int *address = &shared[3];
`;

test('agrees with readelf about a compiler’s output', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'a.c');
  const object = join(folder, 'a.o');
  writeFileSync(source, SOURCE);
  if (spawnSync('cc', ['-c', '-ffunction-sections', '-o', object, source]).status !== 0)
    return t.skip('no C compiler');
  const readelf = spawnSync('readelf', ['-W', '-S', '-s', '-r', object], { encoding: 'utf8' });
  if (readelf.status !== 0) return t.skip('no readelf');
  const elf = ElfFile.parse(readFileSync(object), { file: object });
  const theirs = readelf.stdout;

  const sections = [
    ...theirs.matchAll(/^ {2}\[ *(\d+)\] (\S*) +\S+ +[0-9a-f]{16} [0-9a-f]+ ([0-9a-f]+) ([0-9a-f]{2})/gm),
  ];
  assert.deepEqual(
    elf.sections.map(({ index, name, size, entrySize }) => [index, name, size, entrySize]).slice(1),
    sections
      .map(([, index, name, size = '', entry = '']) => [
        Number(index),
        name,
        Number.parseInt(size, 16),
        Number.parseInt(entry, 16),
      ])
      .slice(1),
  );

  const symbols = [
    ...theirs.matchAll(/^ +(\d+): ([0-9a-f]{16}) +(\d+) (\S+) +(\S+) +(\S+) +(\S+) ?(\S*)$/gm),
  ];
  const types: Record<string, string> = { FUNC: 'function' };
  assert.deepEqual(
    elf.symbols.map(({ value, size, type, binding, visibility }) => [value, size, type, binding, visibility]),
    symbols.map(([, , value = '', size, type = '', binding = '', visibility = '']) => [
      Number.parseInt(value, 16),
      Number(size),
      types[type] ?? type.toLowerCase(),
      binding.toLowerCase(),
      visibility.toLowerCase(),
    ]),
  );
  const named = symbols.filter(([, , , , type]) => type !== 'SECTION').map((match) => match[8]);
  assert.deepEqual(
    elf.symbols.filter(({ type }) => type !== 'section').map(({ name }) => name),
    named,
  );

  const relocations = [...theirs.matchAll(/^([0-9a-f]{16}) +([0-9a-f]{16}) R_/gm)].map(
    ([, offset = '', info = '']) => [
      Number.parseInt(offset, 16),
      Number(BigInt(`0x${info}`) >> 32n),
      Number(BigInt(`0x${info}`) & 0xffffffffn),
    ],
  );
  const key = (row: readonly number[]): string => row.join();
  assert.ok(relocations.length > 3);
  assert.deepEqual(
    elf.sections
      .flatMap((section) =>
        elf.relocations(section).map(({ offset, symbol, type }) => [offset, symbol.index, type]),
      )
      .map(key)
      .sort(),
    relocations.map(key).sort(),
  );
});
