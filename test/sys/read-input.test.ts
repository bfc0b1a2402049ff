// depends on: runtime
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BpfError } from '../../src/errors/index.ts';
import { ELF_START, type Input, readInput, readInputSync } from '../../src/sys/index.ts';

const MOST = 1 << 20;
const input: Input = { what: 'file x', magics: [ELF_START, [0xeb, 0x9f]], most: MOST };

function elf(length: number): Buffer {
  const bytes = Buffer.alloc(length, 'some bytes');
  bytes.set(ELF_START);
  return bytes;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-input-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Reads in both ways, which must give the same result. */
async function read(path: string, from: Input = input): Promise<Buffer> {
  const bytes = Buffer.from(await readInput(path, from));
  assert.ok(bytes.equals(readInputSync(path, from)));
  return bytes;
}

async function refused(path: string, code: string, message: string): Promise<void> {
  const expected = (error: unknown): boolean => {
    assert.ok(BpfError.is(error));
    assert.deepEqual([error.code, error.message], [code, message]);
    return true;
  };
  await assert.rejects(readInput(path, input), expected);
  assert.throws(() => readInputSync(path, input), expected);
}

test('files come whole, of any length up to the limit', async (t) => {
  const path = join(folder(t), 'file');
  for (const length of [0, 1, 3, 4, 5, 65535, 65536, 65537, MOST - 1, MOST]) {
    const bytes = elf(Math.max(4, length)).subarray(0, length);
    writeFileSync(path, bytes);
    assert.ok((await read(path)).equals(bytes), String(length));
  }
  writeFileSync(path, elf(MOST + 1));
  await refused(path, 'EFBIG', 'Cannot read file x: EFBIG: it is longer than 1048576 bytes');
});

test('of a file that begins otherwise only the beginning is read', async (t) => {
  const path = join(folder(t), 'file');
  writeFileSync(path, '');
  truncateSync(path, MOST);
  assert.equal((await read(path)).length, 65536);
  assert.equal((await read('/dev/zero')).length, 65536);
});

test('endless input that begins as it should ends at the limit', async (t) => {
  const path = join(folder(t), 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  for (const reading of [() => readInput(path, input), async () => readInputSync(path, input)]) {
    const words = `{ printf '\\177ELF'; cat /dev/zero; } > "$0"`;
    const writer = spawn('sh', ['-c', words, path], { stdio: 'ignore' });
    const closed = once(writer, 'close');
    await assert.rejects(reading(), { code: 'EFBIG' });
    await closed;
  }
});

test('pipes come whole, in whatever pieces', async (t) => {
  const place = folder(t);
  const [path, content] = [join(place, 'fifo'), join(place, 'content')];
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const bytes = elf(300_000);
  writeFileSync(content, bytes);
  for (const reading of [() => readInput(path, input), async () => readInputSync(path, input)]) {
    const words = `{ head -c 2 "$1"; tail -c +3 "$1" | head -c 100000; tail -c +100003 "$1"; } > "$0"`;
    const writer = spawn('sh', ['-c', words, path, content], { stdio: ['ignore', 'ignore', 'inherit'] });
    const closed = once(writer, 'close');
    assert.ok(bytes.equals(await reading()));
    await closed;
  }
});

test('files without a size come whole', async () => {
  const maps: Input = { what: 'status', magics: [[...Buffer.from('Name')]], most: MOST };
  const status = Buffer.from(await readInput('/proc/self/status', maps)).toString();
  assert.match(status, /^Name:.*\nPid:\t\d+\n/s);
});

test('what cannot be read is said', async () => {
  await refused('/no/such/file', 'ENOENT', 'Cannot read file x: ENOENT: there is no such file');
  await refused('/tmp', 'EISDIR', 'Cannot read file x: EISDIR: it is a folder: name a file in it');
});

test('what cannot name a file is a TypeError', async () => {
  for (const [source, message] of [
    [new URL('http://x/y'), 'Cannot read file x: only file: URLs can be read, not http:'],
    [new URL('file://host/y'), /^Cannot read file x: .*host/],
    ['', 'Cannot read file x: a path has characters, and no NUL among them, got ""'],
    ['a\0b', /^Cannot read file x: .* got "a/],
  ] as const) {
    assert.throws(() => readInputSync(source, input), { name: 'TypeError', message });
    await assert.rejects(readInput(source, input), { name: 'TypeError', message });
  }
});
