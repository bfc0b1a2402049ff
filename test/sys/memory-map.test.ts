// depends on: runtime
import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClosedError } from '../../src/errors/index.ts';
import { MemoryMap, native } from '../../src/sys/index.ts';

test('a mapping shares memory with its file until it is closed, and then leaves no dangling view', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
  const file = join(folder, 'data');
  writeFileSync(file, Buffer.alloc(8192, 7));
  const fd = openSync(file, 'r+');
  try {
    const map = MemoryMap.map(fd, 'the file', { length: 4096, offset: 4096, writable: true });
    const view = new Uint8Array(map.buffer);
    assert.equal(view.length, 4096);
    assert.equal(view[0], 7);
    view[0] = 42;
    assert.equal(readFileSync(file)[4096], 42);
    const buffer = map.buffer;
    map.close();
    map.close();
    assert.equal(view.length, 0);
    assert.throws(() => map.buffer, ClosedError);
    assert.equal(native().munmap(buffer), false);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});

test('a refused mapping says why', () => {
  assert.throws(() => MemoryMap.map(9999, 'map "m"', { length: 4096 }), {
    name: 'BpfError',
    code: 'EBADF',
    errno: 9,
    syscall: 'mmap',
    message: 'Cannot map the memory of map "m": EBADF',
  });
});

test('munmap leaves foreign buffers alone', () => {
  const buffer = new ArrayBuffer(16);
  assert.equal(native().munmap(buffer), false);
  assert.equal(buffer.byteLength, 16);
});

test('a mapping that is larger than an ArrayBuffer can be is refused, and the process lives on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
  const fd = openSync(join(folder, 'large'), 'w+');
  const length = 2 ** 32 + 4096;
  try {
    ftruncateSync(fd, length);
    if (constants.MAX_LENGTH >= length) {
      MemoryMap.map(fd, 'the file', { length }).close();
      return;
    }
    for (let i = 0; i < 10; i++) {
      assert.throws(() => MemoryMap.map(fd, 'map "m"', { length }), {
        name: 'BpfError',
        code: 'ERR_BPF_MAPPING_TOO_LARGE',
        message:
          'Cannot map the memory of map "m": its 4294971392 bytes do not fit an ArrayBuffer: this runtime allows at most 4294967296 bytes in one ArrayBuffer: use a smaller map, or a newer runtime',
      });
      // Here the runtime itself refuses. It may give the memory back at any later time.
      assert.throws(() => native().mmap(length, 1, 1, fd, 0));
    }
    assert.doesNotMatch(readFileSync('/proc/self/maps', 'latin1'), /large/);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});
