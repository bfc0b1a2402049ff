import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { functionOffsets } from '../../../src/link/file/elf-function.ts';
import { CODE_ADDRESS, CODE_OFFSET, type ProgramInit, programFile } from '../../elf/program-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-functions-'));
after(() => rmSync(folder, { recursive: true }));

function write(init: ProgramInit | Uint8Array): string {
  const path = join(folder, 'lib.so');
  writeFileSync(path, init instanceof Uint8Array ? init : programFile(init));
  return path;
}

/** The error message about a name, without the path. */
function refusal(init: ProgramInit | Uint8Array, name: string): string {
  const path = write(init);
  try {
    return `found at ${functionOffsets(path, [name])}`;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message.replaceAll(path, 'lib.so')}`;
  }
}

const at = (offset: number): number => CODE_ADDRESS + offset;

const library: ProgramInit = {
  versions: ['V1', 'V2'],
  dynamic: [
    { name: 'work', address: at(0), version: 0x8002 },
    { name: 'work', address: at(16), version: 3 },
    { name: 'twice', address: at(48), version: 0x8002 },
    { name: 'twice', address: at(64), version: 0x8003 },
    { name: 'fast', address: at(80), kind: 'indirect', version: 3 },
  ],
  symbols: [
    { name: 'a.c', address: 0, kind: 'file' },
    { name: 'init', address: at(96), kind: 'local' },
    { name: '__fast_avx2', address: at(128), kind: 'local' },
    { name: 'b.c', address: 0, kind: 'file' },
    { name: 'init', address: at(112), kind: 'local' },
    { name: 'data', address: 0x9000 },
  ],
};

test('places of functions in a file', () => {
  const path = write(library);
  assert.deepEqual(functionOffsets(path, ['work', 'work@V1', '__fast_avx2']), [
    CODE_OFFSET + 16,
    CODE_OFFSET,
    CODE_OFFSET + 128,
  ]);
  assert.deepEqual(functionOffsets('/nowhere', []), []);
});

test('a name that does not say which function is refused with all it could be', () => {
  const hex = (offset: number): string => `0x${(CODE_OFFSET + offset).toString(16)}`;
  assert.equal(
    refusal(library, 'init'),
    'ERR_BPF_AMBIGUOUS_SYMBOL Cannot tell which function "init" in lib.so is meant: there are 2: ' +
      `init (a.c) at ${hex(96)}, init (b.c) at ${hex(112)}: give the offset of one in the file instead of the name`,
  );
  assert.equal(
    refusal(library, 'twice'),
    'ERR_BPF_AMBIGUOUS_SYMBOL Cannot tell which function "twice" in lib.so is meant: there are 2: ' +
      `twice@V1 at ${hex(48)}, twice@V2 at ${hex(64)}: ` +
      'give one of these names, or the offset of one in the file instead of the name',
  );
  const many = Array.from({ length: 10 }, (_, i) => ({
    name: 'init',
    address: at(i),
    kind: 'local' as const,
  }));
  assert.match(refusal({ symbols: many }, 'init'), /there are 10: .*, 2 more: give the offset/);
});

test('an indirect function is refused with what to attach to', () => {
  const problem =
    `Cannot attach to function "fast@@V2" in lib.so: it is an indirect function: its resolver (at offset 0x${(CODE_OFFSET + 80).toString(16)}) ` +
    'runs once, when a program starts, and chooses the function that is called: attach to that function';
  assert.equal(
    refusal(library, 'fast'),
    `ERR_BPF_INDIRECT_SYMBOL ${problem}, such as "__fast_avx2", by name or offset`,
  );
  assert.equal(
    refusal({ ...library, symbols: [] }, 'fast'),
    `ERR_BPF_INDIRECT_SYMBOL ${problem}, by name or offset`,
  );
});

test('a function that is not there is refused with the cause', () => {
  const missing = 'ERR_BPF_NO_SYMBOL Cannot find function';
  assert.equal(refusal(library, 'wrok'), `${missing} "wrok" in lib.so (did you mean "work"?)`);
  assert.equal(refusal(library, 'work@V3'), `${missing} "work@V3" in lib.so: it has work@V1, work@@V2`);
  assert.equal(refusal(library, 'work@@V1'), `${missing} "work@@V1" in lib.so: it has work@V1, work@@V2`);
  assert.match(refusal(library, 'data'), /its address 0x9000 is not in a part of the file that can run/);
  assert.equal(
    refusal({}, 'work'),
    `${missing} "work" in lib.so: it was stripped of its symbols: give an offset in the file`,
  );
  const headless = programFile(library);
  headless.fill(0, 40, 48).fill(0, 60, 64);
  assert.equal(
    refusal(headless, 'work'),
    `${missing} "work" in lib.so: it has no section headers, which say where its symbols are: give an offset in the file`,
  );
});

test('what is no file to read is refused, and not waited for', () => {
  assert.equal(
    refusal(new Uint8Array(100), 'work'),
    'ERR_BPF_FORMAT lib.so, ELF header, offset 0: it is not an ELF file: magic is 0x00000000, expected 0x7f454c46',
  );
  assert.match(
    refusal(new Uint8Array(0), 'work'),
    /^ERR_BPF_FORMAT lib\.so, ELF header, offset 0: 4 bytes needed/,
  );
  const cut = programFile(library);
  assert.match(
    refusal(cut.subarray(0, cut.length - 70), 'work'),
    /^ERR_BPF_FORMAT lib\.so, ELF section headers/,
  );
  for (const path of [folder, '/dev/zero']) {
    assert.throws(() => functionOffsets(path, ['work']), {
      code: 'ERR_BPF_NOT_A_FILE',
      message: `Cannot read the functions of ${path}: it is not a regular file`,
    });
  }
  assert.throws(() => functionOffsets('/nowhere', ['work']), {
    name: 'BpfError',
    code: 'ENOENT',
    message: 'Cannot read the functions of /nowhere: ENOENT: there is no such file',
  });
  const huge = write({});
  truncateSync(huge, 2 ** 40);
  assert.throws(() => functionOffsets(huge, ['work']), {
    code: 'ERR_BPF_NOT_A_FILE',
    message: /it is too large: 1099511627776 bytes/,
  });
});

test('a pipe is refused', (t) => {
  const pipe = join(folder, 'pipe');
  if (spawnSync('mkfifo', [pipe]).status !== 0) return t.skip('mkfifo is not installed');
  assert.throws(() => functionOffsets(pipe, ['work']), { code: 'ERR_BPF_NOT_A_FILE' });
});

test('a large file is read in parts', () => {
  const path = write(library);
  truncateSync(path, 2 ** 31 + 4096);
  assert.deepEqual(functionOffsets(path, ['work']), [CODE_OFFSET + 16]);
});
