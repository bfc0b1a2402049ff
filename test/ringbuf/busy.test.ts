// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { u64le } from '../../src/bytes/codec/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { Fd, MemoryMap, native, pageSize, withBinding } from '../../src/sys/index.ts';

const SIZE = 4096;
const BUSY = 0x8000_0000;

/**
 * A ring that the test itself writes. Its memory is a file, and its wakeups come from a FIFO. A test cannot tell the
 * kernel how long to wait between reserving and submitting a record.
 */
function ownRing(): {
  reader: RingBuffer<bigint>;
  /** Sets the producer's position, and the length word and value of the record at the start. */
  put(position: number, word: number, value: bigint): void;
  wake(): void;
  end(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-ring-'));
  const path = join(folder, 'memory');
  const page = pageSize();
  const file = openSync(path, 'w+');
  truncateSync(path, 2 * page + 2 * SIZE);
  const memory = Fd.adopt(file, 'memory');
  const writable = MemoryMap.map(memory, path, { length: 2 * page + 2 * SIZE, writable: true });
  spawnSync('mkfifo', [join(folder, 'fifo')]);
  const fifo = Fd.adopt(openSync(join(folder, 'fifo'), 'r+'), 'fifo');
  const real = native();
  const binding = {
    ...real,
    mmap: (length: number, prot: number, flags: number, _fd: number, offset: number) =>
      real.mmap(length, prot, flags, memory.value, offset),
  };
  const map = { type: 'ringbuf', name: 'own', maxEntries: SIZE, fd: fifo, info: () => ({ flags: [] }) };
  const reader = withBinding(binding, () =>
    RingBuffer.open(map as unknown as Parameters<typeof RingBuffer.open>[0], { value: u64le }),
  );
  const view = new DataView(writable.buffer);
  return {
    reader,
    put(position, word, value) {
      view.setBigUint64(2 * page + 8, value, true);
      view.setUint32(2 * page, word, true);
      view.setBigUint64(page, BigInt(position), true);
    },
    wake: () => void writeSync(fifo.value, 'x'),
    end() {
      reader.close();
      writable.close();
      memory.close();
      fifo.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a record that is being written is not given out, and waited for without looking on and on', async () => {
  const { reader, put, wake, end } = ownRing();
  try {
    put(16, BUSY + 8, 7n);
    wake();
    assert.deepEqual(reader.take(), []);
    assert.equal(reader.available, 16);
    const iterator = reader[Symbol.asyncIterator]();
    let settled = false;
    const waiting = iterator.next().finally(() => {
      settled = true;
    });
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.equal(settled, false);
    put(16, 8, 7n);
    wake();
    assert.deepEqual(await waiting, { value: 7n, done: false });
    assert.equal(reader.available, 0);
  } finally {
    end();
  }
});

test('closing and aborting end the wait for a record that is being written', async () => {
  const { reader, put, wake, end } = ownRing();
  try {
    put(16, BUSY + 8, 7n);
    wake();
    const controller = new AbortController();
    const running = reader.run(() => {}, { signal: controller.signal });
    await setImmediate();
    controller.abort();
    await running;
    const waiting = reader.batches().next();
    await setImmediate();
    reader.close();
    assert.deepEqual(await waiting, { value: undefined, done: true });
  } finally {
    end();
  }
});
