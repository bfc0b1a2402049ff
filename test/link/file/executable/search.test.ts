import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { processorLevels } from '../../../../src/link/file/executable/cpu-level.ts';
import { machine } from '../../../../src/link/file/executable/loader.ts';
import { followIn } from '../../../../src/link/file/executable/root.ts';
import { findByName } from '../../../../src/link/file/executable/search.ts';
import { ldCache } from './ld-cache-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-search-'));
after(() => rmSync(folder, { recursive: true }));

/** Makes a root folder with these files. */
function makeRoot(name: string, files: { readonly [path: string]: string | Uint8Array }) {
  const root = { folder: join(folder, name), owner: ' of process 7' };
  for (const [path, content] of Object.entries(files)) {
    const file = join(root.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return root;
}

type Root = ReturnType<typeof makeRoot>;

const found = (root: Root, name: string): string => {
  const { path, inside } = findByName(name, root, undefined);
  assert.ok(path.startsWith(`${root.folder}/`), path);
  return inside;
};

const { flags } = machine;
const entry = (name: string, path: string, more = {}) => ({ name, path, flags, ...more });

test('the cache of a root leads to files of that root', () => {
  const root = makeRoot('glibc', {
    '/etc/ld.so.cache': ldCache({
      entries: [
        entry('liba.so.1', '/lib/liba.so.1'),
        entry('liba.so.2', '/gone/liba.so.2'),
        entry('libb.so', '/lib/libb.so'),
        entry('libb.so.1', '/lib/libb.so.1'),
        entry('libc.so.6', '/lib32/libc.so.6', { flags: 3 }),
        entry('libc.so.6', '/lib/libc.so.6'),
        entry('libd.so.1', '/lib32/libd.so.1', { flags: 3 }),
      ],
    }),
    '/lib/liba.so.1': '',
    '/lib/libb.so': '',
    '/lib/libb.so.1': '',
    '/lib/libc.so.6': '',
    '/lib32/libc.so.6': '',
    '/lib32/libd.so.1': '',
    '/usr/lib/libe.so.5': '',
    [`/usr/lib/${machine.multiarch}/libe.so.4`]: '',
  });
  assert.equal(found(root, 'libc.so.6'), '/lib/libc.so.6');
  assert.equal(found(root, 'libb'), '/lib/libb.so.1');
  // A newer version that is not there any more does not count.
  assert.equal(found(root, 'liba'), '/lib/liba.so.1');
  // There is no other one than the one for another processor.
  assert.equal(found(root, 'libd.so.1'), '/lib32/libd.so.1');
  // What is not in the cache is in the loader's folders. The first folder decides.
  assert.equal(found(root, 'libe'), `/usr/lib/${machine.multiarch}/libe.so.4`);
  assert.equal(found(root, 'libe.so.5'), '/usr/lib/libe.so.5');
  assert.throws(() => found(root, 'liba.so.3'), {
    code: 'ENOENT',
    message:
      /^Cannot find library "liba\.so\.3" of process 7: ENOENT: it is not in \/etc\/ld\.so\.cache, \/lib\/.*, \/usr\/lib \(did you mean "liba\.so\.1" or "liba\.so\.2".*\): give its path$/,
  });
});

test('of several builds, the one for this processor is taken', () => {
  const levels = ['x86-64-v2', 'x86-64-v3', 'x86-64-v4', 'x86-64-v9'];
  const root = makeRoot('levels', {
    '/etc/ld.so.cache': ldCache({
      levels,
      entries: [
        ...levels.map((level, index) => entry('libz.so.1', `/${level}/libz.so.1`, { level: index })),
        entry('libz.so.1', '/lib/libz.so.1'),
      ],
    }),
    '/lib/libz.so.1': '',
    ...Object.fromEntries(levels.map((level) => [`/${level}/libz.so.1`, ''])),
  });
  const [best] = processorLevels();
  assert.equal(found(root, 'libz.so.1'), `${best === undefined ? '/lib' : `/${best}`}/libz.so.1`);
});

test('a damaged cache is passed over, and named in the refusal', () => {
  const root = makeRoot('damaged', { '/etc/ld.so.cache': 'not a cache', '/lib/liba.so.1': '' });
  assert.equal(found(root, 'liba'), '/lib/liba.so.1');
  assert.throws(
    () => found(root, 'libb.so'),
    /it is not in \/etc\/ld\.so\.cache \(which is damaged: ld\.so\.cache, offset 0: it is not a cache of the dynamic loader\), \/lib\//,
  );
});

test('the folders of musl', () => {
  const libraries = { '/usr/local/lib/liba.so.1': '', '/opt/lib/libb.so.1': '' };
  const loader = { [`/lib/ld-musl-${machine.musl}.so.1`]: '' };
  const plain = makeRoot('musl', { ...libraries, ...loader });
  assert.equal(found(plain, 'liba'), '/usr/local/lib/liba.so.1');
  assert.throws(
    () => found(plain, 'libb.so.1'),
    /it is not in \/lib, \/usr\/local\/lib, \/usr\/lib: give its path$/,
  );
  const list = { [`/etc/ld-musl-${machine.musl}.path`]: '/lib:relative\n/opt/lib\n' };
  const named = makeRoot('musl-paths', { ...libraries, ...loader, ...list });
  assert.equal(found(named, 'libb'), '/opt/lib/libb.so.1');
  assert.throws(
    () => found(named, 'liba.so.1'),
    new RegExp(`it is not in /etc/ld-musl-${machine.musl}\\.path \\(/lib, /opt/lib\\): give its path$`),
  );
});

test('a pipe in place of the cache is not waited for', (t) => {
  const root = makeRoot('pipe', { '/lib/liba.so.1': '', '/etc/passwd': '' });
  if (spawnSync('mkfifo', [join(root.folder, 'etc/ld.so.cache')]).status !== 0) {
    return t.skip('mkfifo is not installed');
  }
  assert.equal(found(root, 'liba.so.1'), '/lib/liba.so.1');
});

test('symbolic links stay in the root', () => {
  const root = makeRoot('links', { '/real/lib/liba.so.1.2': '', '/real/bin/tool': '', '/etc/x': '' });
  const link = (target: string, path: string): void => symlinkSync(target, join(root.folder, path));
  link('/real/lib', 'lib');
  link('liba.so.1.2', 'real/lib/liba.so.1');
  link('../../../../../../../../etc/passwd', 'real/lib/libescape.so.1');
  link('/loop', 'loop');
  chmodSync(join(root.folder, 'real/bin/tool'), 0o755);
  const to = (path: string): string | undefined => followIn(root, path)?.slice(root.folder.length);
  assert.equal(to('/lib/liba.so.1'), '/real/lib/liba.so.1.2');
  assert.equal(to('/lib/../bin/./tool'), '/real/bin/tool');
  assert.equal(to('//lib//'), '/real/lib');
  assert.equal(to('/../../real'), '/real');
  assert.equal(to('/'), '/');
  for (const path of ['/lib/libescape.so.1', '/loop', '/none', '/none/../real', '/etc/x/y']) {
    assert.equal(to(path), undefined, path);
  }
  assert.equal(found(root, 'liba.so.1'), '/lib/liba.so.1');
  assert.throws(() => found(root, 'libescape.so.1'), { code: 'ENOENT' });
});
