import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { matchingOffsets } from '../../../src/link/file/elf-pattern.ts';
import { CODE_ADDRESS, CODE_OFFSET, type ProgramInit, programFile } from '../../elf/program-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-patterns-'));
after(() => rmSync(folder, { recursive: true }));

function matching(init: ProgramInit, pattern: string): number[] {
  const path = join(folder, 'lib.so');
  writeFileSync(path, programFile(init));
  return matchingOffsets({ path, shown: 'lib.so' }, pattern).map((offset) => offset - CODE_OFFSET);
}

const at = (offset: number): number => CODE_ADDRESS + offset;

const library: ProgramInit = {
  versions: ['V1', 'V2'],
  dynamic: [
    { name: 'alloc', address: at(0), version: 0x8002 },
    { name: 'alloc', address: at(16), version: 3 },
    { name: 'alloc_alias', address: at(16), version: 3 },
    { name: 'alloc_fast', address: at(32), kind: 'indirect', version: 3 },
    { name: 'alloc_elsewhere', address: 0, kind: 'undefined' },
  ],
  symbols: [
    { name: 'alloc@V1', address: at(0) },
    { name: 'alloc_page', address: at(64), kind: 'local' },
    { name: 'alloc_page', address: at(48), kind: 'local' },
    { name: 'alloc_page.cold', address: at(80), kind: 'local' },
    { name: 'alloc_page.part.0', address: at(96), kind: 'local' },
    { name: 'alloc_outside', address: 0x9000 },
    { name: 'release', address: at(112) },
  ],
};

test('a pattern means all functions that match, each place once, in the order of the file', () => {
  for (const bits of [32, 64] as const) {
    const file = { ...library, bits };
    assert.deepEqual(matching(file, 'alloc'), [0, 16]);
    assert.deepEqual(matching(file, 'alloc*'), [0, 16, 48, 64, 96]);
    assert.deepEqual(matching(file, '?elease'), [112]);
    assert.deepEqual(matching(file, '*'), [0, 16, 48, 64, 96, 112]);
  }
  // A stripped library still has what others call.
  assert.deepEqual(matching({ ...library, symbols: [] }, 'alloc*'), [0, 16]);
});

test('a pattern without functions is refused with names that are near', () => {
  const refused = (init: ProgramInit, pattern: string, message: string): void =>
    assert.throws(() => matching(init, pattern), { name: 'BpfError', code: 'ERR_BPF_NO_SYMBOL', message });
  const none = 'Cannot find a function that matches';
  refused(library, 'relaese*', `${none} "relaese*" in lib.so (did you mean "release"?)`);
  refused(library, 'zzzzzzzzz*', `${none} "zzzzzzzzz*" in lib.so`);
  refused({}, '*', `${none} "*" in lib.so: it was stripped of its symbols: give an offset in the file`);
  for (const pattern of ['alloc_f*', 'alloc_out*']) {
    refused(
      library,
      pattern,
      `${none} "${pattern}" in lib.so: the only ones are chosen when a program starts, or have no code in the file`,
    );
  }
});
