// depends on: kernel
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exit, mov, r0 } from '../../../src/asm/index.ts';
import { bytes, u32 } from '../../../src/bytes/codec/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import {
  mountFileSystem,
  openDescriptors,
  openPinned,
  pinObject,
  unmount,
  unpinObject,
} from '../../../src/sys/index.ts';
import { needsRoot } from '../../link/support.ts';

const load = (): Program =>
  Program.loadSync({ type: 'socket_filter', name: 'seven', instructions: [mov(r0, 7), exit()] });
const create = () => BpfMap.create({ type: 'array', name: 'it', key: u32, value: bytes(4), maxEntries: 1 });

/** Mounts a separate BPF file system while `body` runs. */
function withBpffs(body: (at: (name: string) => string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-pin-'));
  mountFileSystem('bpf', folder);
  try {
    body((name) => join(folder, name));
  } finally {
    unmount(folder);
    rmdirSync(folder);
  }
}

test('a pin is removed if it is one of this object', needsRoot(), () => {
  using program = load();
  using same = Program.fromId(program.info().id);
  withBpffs((at) => {
    program.pin(at('program'));
    same.unpin(at('program'));
    assert.equal(existsSync(at('program')), false);
    assert.throws(() => program.unpin(at('program')), {
      code: 'ENOENT',
      command: 'obj_get',
      message: `Cannot unpin program "seven" from ${at('program')}: ENOENT: nothing is pinned there`,
    });
  });
});

test('pins of others stay', needsRoot(), () => {
  using program = load();
  using twin = load();
  using map = create();
  const before = openDescriptors().length;
  withBpffs((at) => {
    twin.pin(at('twin'));
    pinObject(map.fd, at('map'));
    assert.throws(() => program.unpin(at('twin')), {
      code: 'ERR_BPF_WRONG_OBJECT',
      message: `Cannot unpin program "seven": what is pinned at ${at('twin')} is another program`,
    });
    assert.throws(() => program.unpin(at('map')), {
      code: 'ERR_BPF_WRONG_OBJECT',
      message: `Cannot unpin program "seven": what is pinned at ${at('map')} is a map`,
    });
    assert.ok(existsSync(at('twin')) && existsSync(at('map')));
    unpinObject(map.fd, at('map'), 'the map');
    assert.equal(existsSync(at('map')), false);
  });
  assert.equal(openDescriptors().length, before);
});

test('a pin outside a bpffs cannot be there', needsRoot(), () => {
  using program = load();
  assert.throws(() => program.unpin('/dev/null'), {
    code: 'EACCES',
    message: /^Cannot unpin program "seven" from \/dev\/null: EACCES: it is not in a bpffs/,
  });
  program.close();
  assert.throws(() => program.unpin('/dev/null'), { code: 'ERR_BPF_CLOSED' });
});

test('what is pinned is opened as what it is, or not at all', needsRoot(), () => {
  using program = load();
  withBpffs((at) => {
    program.pin(at('program'));
    using again = openPinned(at('program'), 'program');
    assert.equal(again.closed, false);
    const before = openDescriptors().length;
    assert.throws(() => openPinned(at('program'), 'link'), {
      code: 'ERR_BPF_WRONG_OBJECT',
      message: `Cannot open link pinned at ${at('program')}: it is a program`,
    });
    assert.equal(openDescriptors().length, before);
  });
});

test('an empty path is a TypeError', needsRoot(), () => {
  using program = load();
  const empty = { name: 'TypeError', message: 'path must be a path that is not empty, got ""' };
  assert.throws(() => openPinned('', 'map'), empty);
  assert.throws(() => pinObject(program.fd, ''), empty);
  assert.throws(() => unpinObject(program.fd, ''), empty);
});
