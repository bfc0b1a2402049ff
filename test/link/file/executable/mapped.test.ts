import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMapped, mappedFiles } from '../../../../src/link/file/executable/mapped.ts';

const MAPS = `55d0a000-55d0c000 r--p 00000000 fe:00 10                     /usr/bin/head
55d0c000-55d0e000 r-xp 00002000 fe:00 10                     /usr/bin/head
55d0e000-55d10000 r-xp 00004000 fe:00 10                     /usr/bin/head
7f000000-7f010000 r-xp 00000000 fe:00 11                     /opt/my app/libssl.so.3 (deleted)
7f010000-7f020000 r-xp 00000000 fe:00 12                     /opt/line\\012feed/libz.so.1
7f020000-7f030000 r--p 00000000 fe:00 13                     /usr/lib/locale/C.utf8/libdata.so.1
7f030000-7f040000 rw-p 00000000 00:00 0                      [heap]
7f040000-7f050000 r-xp 00000000 00:00 0                      [vdso]
7f050000-7f060000 r-xp 00000000 00:00 0 
not a line
7f060000-7f070000 r-xp 00000000 fe:00 14                     /usr/lib/libstdc++.so.6.0.30
7f070000-7f080000 r-xp 00000000 fe:00 15                     /usr/lib/libstdc++.so.6
`;

test('the files that a process runs code from', () => {
  assert.deepEqual(mappedFiles(MAPS), [
    { path: '/usr/bin/head', deleted: false, range: '55d0c000-55d0e000' },
    { path: '/opt/my app/libssl.so.3', deleted: true, range: '7f000000-7f010000' },
    { path: '/opt/line\nfeed/libz.so.1', deleted: false, range: '7f010000-7f020000' },
    { path: '/usr/lib/libstdc++.so.6.0.30', deleted: false, range: '7f060000-7f070000' },
    { path: '/usr/lib/libstdc++.so.6', deleted: false, range: '7f070000-7f080000' },
  ]);
  assert.deepEqual(mappedFiles(''), []);
});

test('the mapped file of a name', () => {
  assert.equal(findMapped(MAPS, 'head')?.path, '/usr/bin/head');
  assert.equal(findMapped(MAPS, 'libssl')?.deleted, true);
  // The exact name wins over one that was mapped before.
  assert.equal(findMapped(MAPS, 'libstdc++.so.6')?.path, '/usr/lib/libstdc++.so.6');
  assert.equal(findMapped(MAPS, 'libdata.so.1'), undefined);
});
