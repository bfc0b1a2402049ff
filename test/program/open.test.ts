// depends on: runtime
import assert from 'node:assert/strict';
import { mkdtempSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exit, mov, r0 } from '../../src/asm/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { Program } from '../../src/program/index.ts';
import { bpf, Fd, mountFileSystem, openDescriptors, pinObject, unmount } from '../../src/sys/index.ts';
import { needsLoading } from './needs.ts';

const load = (): Program =>
  Program.loadSync({ type: 'socket_filter', name: 'seven', instructions: [mov(r0, 7), exit()] });

test('info tells what was loaded', needsLoading(), () => {
  using program = load();
  const info = program.info();
  assert.equal(info.type, 'socket_filter');
  assert.match(info.tag, /^[0-9a-f]{16}$/);
  assert.equal(info.xlatedSize, 16);
  assert.equal(info.verifiedInstructions, 2);
  assert.ok(info.id > 0);
  assert.ok(info.loadTime > 0n);
  assert.equal(info.createdByUid, process.getuid?.());
  assert.equal(info.gplCompatible, false);
  assert.deepEqual(info.mapIds, []);
  using again = load();
  assert.equal(again.info().tag, info.tag);
});

test('a program is opened by its id, and stays while either handle is open', needsLoading(), () => {
  const program = load();
  const { id } = program.info();
  using same = Program.fromId(id);
  program.close();
  assert.equal(same.info().id, id);
  assert.equal(same.name, 'seven');
  assert.equal(same.type, 'socket_filter');
  assert.equal(same.testRun({ data: new Uint8Array(64) }).returnValue, 7);
});

test('a descriptor is taken over, and one of something else is refused and closed', needsLoading(), () => {
  using program = load();
  using same = Program.fromFd(program.fd.duplicate());
  assert.equal(same.info().id, program.info().id);
  assert.equal(same.name, 'seven');
  const attr = { map_type: 2, key_size: 4, value_size: 4, max_entries: 1 };
  const map = Fd.adopt(bpf('map_create', attr), 'map');
  assert.throws(() => Program.fromFd(map), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: 'Cannot open map as a program: it is a map',
  });
  assert.equal(map.closed, true);
  const file = Fd.adopt(openSync('/dev/null', 'r'), 'file');
  assert.throws(() => Program.fromFd(file), {
    code: 'EINVAL',
    command: 'obj_get_info_by_fd',
    message: 'Cannot read the information of file: EINVAL: it is not a BPF object',
  });
  assert.equal(file.closed, true);
  assert.throws(() => Program.fromFd(3 as never), TypeError);
});

test('opening has no options', needsLoading(), () => {
  using program = load();
  const open = Program as unknown as Record<string, (what: unknown, options: unknown) => Program>;
  for (const name of ['fromId', 'fromPinned', 'fromFd']) {
    assert.throws(() => open[name]?.(1, { access: 'read' }), {
      name: 'TypeError',
      message: `Program.${name}: unknown option "access"`,
    });
  }
  for (const same of [program.info().id].map(Program.fromId)) same.close();
});

test('an id that is not there', needsLoading(), () => {
  assert.throws(
    () => Program.fromId(2 ** 31 - 1),
    (error) =>
      BpfError.is(error) &&
      error.code === 'ENOENT' &&
      error.message.startsWith('Cannot open program 2147483647: ENOENT'),
  );
});

/** Mounts a separate BPF file system while `body` runs. */
function withBpffs(body: (folder: string) => void): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-pin-'));
  try {
    try {
      mountFileSystem('bpf', folder);
    } catch (error) {
      if (BpfError.is(error)) return error.message;
      throw error;
    }
    try {
      body(folder);
    } finally {
      unmount(folder);
    }
  } finally {
    rmdirSync(folder);
  }
  return undefined;
}

test('a pinned program outlives its handle', needsLoading(), (t) => {
  const reason = withBpffs((folder) => {
    const path = join(folder, 'seven');
    const program = load();
    const { id } = program.info();
    program.pin(path);
    assert.throws(
      () => program.pin(path),
      (error) => BpfError.is(error) && error.code === 'EEXIST' && error.message.includes(path),
    );
    program.close();
    using pinned = Program.fromPinned(path);
    assert.equal(pinned.info().id, id);
    unlinkSync(path);
  });
  if (reason !== undefined) t.skip(reason);
});

test('what is pinned there must be a program', needsLoading(), (t) => {
  const before = openDescriptors().length;
  const reason = withBpffs((folder) => {
    const path = join(folder, 'map');
    const attr = { map_type: 2, key_size: 4, value_size: 4, max_entries: 1 };
    using map = Fd.adopt(bpf('map_create', attr), 'map');
    pinObject(map, path);
    assert.throws(
      () => Program.fromPinned(path),
      (error) =>
        BpfError.is(error) &&
        error.code === 'ERR_BPF_WRONG_OBJECT' &&
        error.message === `Cannot open program pinned at ${path}: it is a map`,
    );
    assert.throws(
      () => Program.fromPinned(join(folder, 'nothing')),
      (error) => BpfError.is(error) && error.code === 'ENOENT',
    );
    assert.throws(() => Program.fromPinned('/sys/fs\0/bpf'), TypeError);
  });
  assert.equal(openDescriptors().length, before);
  if (reason !== undefined) t.skip(reason);
});
