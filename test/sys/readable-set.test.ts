// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fd, openDescriptors, Poller, ReadableSet } from '../../src/sys/index.ts';

/** Two FIFOs: their read ends, which never block, and their write ends. */
function fifos(): { read: Fd; write: number }[] {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-set-'));
  const made = ['a', 'b'].map((name) => {
    const path = join(folder, name);
    spawnSync('mkfifo', [path]);
    const read = Fd.adopt(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), name);
    return { read, write: openSync(path, 'w') };
  });
  rmSync(folder, { recursive: true });
  return made;
}

test('several descriptors are waited for as one', async () => {
  const before = openDescriptors().length;
  const [a, b] = fifos();
  assert.ok(a && b);
  const set = new ReadableSet('test');
  using poller = new Poller();
  set.add(a.read);
  set.add(b.read);
  for (const { read, write } of [a, b, a]) {
    const waiting = poller.wait(set.fd);
    writeSync(write, 'x');
    assert.equal(await waiting, true);
    readSync(read.value, new Uint8Array(1));
  }
  closeSync(b.write);
  assert.equal(await poller.wait(set.fd), true, 'hung up');
  set.delete(b.read);
  set.delete(b.read);
  const waiting = poller.wait(set.fd);
  writeSync(a.write, 'x');
  assert.equal(await waiting, true);
  set.close();
  closeSync(a.write);
  for (const { read } of [a, b]) read.close();
  assert.equal(openDescriptors().length, before);
});
