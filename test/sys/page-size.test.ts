// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { type NativeBinding, native, pageSize, withBinding } from '../../src/sys/index.ts';
import { askForPageSize } from '../../src/sys/page-size.ts';
import { needsOwnProc } from './script.ts';

const EBADF = 9;
const EINVAL = 22;

/** A kernel whose mmap(2) behaves as with another page size. */
function kernelWith(page: number): NativeBinding {
  const mmap: NativeBinding['mmap'] = (_length, _prot, _flags, fd, offset) => {
    assert.equal(fd, -1, 'nothing is mapped');
    return offset % page === 0 ? -EBADF : -EINVAL;
  };
  return { ...native(), mmap };
}

test('pages have the size that the C library tells', (t) => {
  const { error, stdout } = spawnSync('getconf', ['PAGESIZE'], { encoding: 'utf8' });
  if (error !== undefined) return t.skip('getconf is not installed');
  assert.equal(pageSize(), Number(stdout));
  assert.equal(askForPageSize(), pageSize());
});

test('pages of every size that Linux has are told', () => {
  for (const size of [4096, 16_384, 65_536, 262_144]) {
    assert.equal(
      withBinding(kernelWith(size), () => askForPageSize()),
      size,
    );
  }
  assert.throws(() => withBinding(kernelWith(2 ** 40), () => askForPageSize()), {
    name: 'BpfError',
    code: 'EINVAL',
    message: 'Cannot tell the size of a memory page: mmap(2) refuses every offset',
  });
});

test('no /proc is needed', { skip: needsOwnProc || (process.geteuid?.() !== 0 && 'needs root') }, (t) => {
  const sys = new URL('../../src/sys/index.js', import.meta.url).href;
  const program = `import { pageSize } from ${JSON.stringify(sys)}; import { existsSync } from 'node:fs'; console.log(existsSync('/proc/self'), pageSize());`;
  const { error, stdout, stderr } = spawnSync(
    'unshare',
    [
      '--mount',
      'sh',
      '-c',
      'umount -l /proc && exec "$0" --input-type=module -e "$1"',
      process.execPath,
      program,
    ],
    { encoding: 'utf8' },
  );
  if (error !== undefined) return t.skip('unshare is not installed');
  assert.deepEqual([stdout, stderr], [`false ${pageSize()}\n`, '']);
});
