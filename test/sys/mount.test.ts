// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mountFileSystem, unmount } from '../../src/sys/index.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-mount-'));
  t.after(() => rmdirSync(path));
  return path;
}

const line = (path: string): string | undefined =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((each) => each.split(' ')[4] === path);

test('a file system is mounted with its options, and unmounted', (t) => {
  if (process.getuid?.() !== 0) return t.skip('mounting needs root');
  const path = folder(t);
  mountFileSystem('tmpfs', path, { size: '64k', mode: '700' });
  try {
    assert.match(line(path) ?? '', / - tmpfs none rw,size=64k,mode=700/);
    writeFileSync(join(path, 'file'), 'x');
  } finally {
    unmount(path);
  }
  assert.equal(line(path), undefined);
});

test('a mount in use is busy, and can be detached', (t) => {
  if (process.getuid?.() !== 0) return t.skip('mounting needs root');
  const path = folder(t);
  mountFileSystem('tmpfs', path);
  const before = process.cwd();
  process.chdir(path);
  try {
    assert.throws(() => unmount(path), { code: 'EBUSY', message: `Cannot unmount ${path}: EBUSY` });
    unmount(path, { lazy: true });
    assert.equal(line(path), undefined);
  } finally {
    process.chdir(before);
  }
});

test('refusals name the step', (t) => {
  if (process.getuid?.() !== 0) return t.skip('mounting needs root');
  assert.throws(() => mountFileSystem('nofs', '/tmp'), {
    code: 'ENODEV',
    syscall: 'fsopen',
    message: 'Cannot open a nofs file system: ENODEV',
  });
  assert.throws(() => mountFileSystem('tmpfs', '/tmp', { colour: 'red' }), {
    code: 'EINVAL',
    syscall: 'fsconfig',
    message: 'Cannot set the mount option colour=red: EINVAL',
  });
  assert.throws(() => mountFileSystem('tmpfs', '/nowhere'), {
    code: 'ENOENT',
    syscall: 'move_mount',
    message: 'Cannot attach a mount at /nowhere: ENOENT',
  });
});
