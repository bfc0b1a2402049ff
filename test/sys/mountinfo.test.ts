// depends on: runtime
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMountinfo, readMountinfo, visibleMounts } from '../../src/sys/mountinfo.ts';

const parseOne = (line: string): ReturnType<typeof parseMountinfo>['mounts'][number] => {
  const { mounts, malformed } = parseMountinfo(`${line}\n`);
  assert.deepEqual(malformed, []);
  const [mount] = mounts;
  assert.ok(mount !== undefined);
  return mount;
};

test('reads every field of a line', () => {
  const mount = parseOne(
    '63 46 0:39 /sub /sys/fs/bpf rw,relatime shared:5 master:1 - bpf none rw,mode=700,delegate_cmds=map_create:prog_load',
  );
  assert.deepEqual(
    { ...mount, mountPointBytes: Buffer.from(mount.mountPointBytes).toString() },
    {
      id: 63,
      parentId: 46,
      device: '0:39',
      root: '/sub',
      mountPoint: '/sys/fs/bpf',
      mountPointBytes: '/sys/fs/bpf',
      options: ['rw', 'relatime'],
      propagation: ['shared:5', 'master:1'],
      fsType: 'bpf',
      source: 'none',
      superOptions: ['rw', 'mode=700', 'delegate_cmds=map_create:prog_load'],
    },
  );
});

test('decodes octal escapes, and nothing that only looks like one', () => {
  const mount = parseOne('1 2 0:3 / /a\\040b\\011c\\012d\\134e\\043\\08\\400\\ rw - bpf a\\040b rw');
  assert.equal(mount.mountPoint, '/a b\tc\nd\\e#\\08\\400\\');
  assert.equal(mount.source, 'a b');
});

test('keeps paths that are not UTF-8 as bytes', () => {
  const line = Buffer.concat([
    Buffer.from('1 2 0:3 / /x'),
    Buffer.of(0xff),
    Buffer.from(' rw - bpf none rw\n'),
  ]);
  const [mount] = parseMountinfo(line).mounts;
  assert.equal(mount?.mountPoint, '/x\ufffd');
  assert.deepEqual([...(mount?.mountPointBytes ?? [])], [0x2f, 0x78, 0xff]);
});

test('reads odd but right lines: no optional fields, empty source, pseudo roots', () => {
  assert.deepEqual(parseOne('1 2 0:3 / / rw - bpf  rw').source, '');
  assert.deepEqual(parseOne('1 2 0:3 / / rw - bpf none rw').propagation, []);
  assert.equal(
    parseOne('1 2 0:4 net:[4026531840] /run/netns/x rw shared:1 - nsfs nsfs rw').root,
    'net:[4026531840]',
  );
  assert.equal(parseOne('1 2 0:4 /../.. /mnt rw - ext4 /dev/sda rw').root, '/../..');
  // Here the root is "-", which is not the separator.
  assert.equal(parseOne('1 2 0:4 - /mnt rw x - ext4 /dev/sda rw').fsType, 'ext4');
});

test('leaves malformed lines out, reports them, and keeps the others', () => {
  const good = '63 46 0:39 / /sys/fs/bpf rw - bpf none rw';
  const cases: readonly (readonly [string, RegExp])[] = [
    ['garbage', /no " - "/],
    ['63 46 0:39 / /sys/fs/bpf rw', /no " - "/],
    ['63 46 0:39 / /sys/fs/bpf rw - bpf', /options are missing/],
    ['63 46 0:39 / /sys/fs/bpf rw - bpf none', /options are missing/],
    ['x 46 0:39 / /sys/fs/bpf rw - bpf none rw', /ids "x" and "46"/],
    ['63 46 39 / /sys/fs/bpf rw - bpf none rw', /device "39"/],
    ['63 46 0:39 / sys rw - bpf none rw', /mount point "sys"/],
    ['63 46 0:39  /sys rw - bpf none rw', /root field is empty/],
    ['63 46 0:39 / /sys rw -  none rw', /type is empty/],
  ];
  for (const [line, problem] of cases) {
    const { mounts, malformed } = parseMountinfo(`${good}\n${line}\n${good}\n`);
    assert.equal(mounts.length, 2, line);
    assert.equal(malformed.length, 1, line);
    assert.equal(malformed[0]?.line, 2);
    assert.equal(malformed[0]?.text, line);
    assert.match(malformed[0]?.problem ?? '', problem);
  }
});

test('agrees with the kernel about this process', { skip: process.platform !== 'linux' }, () => {
  const { mounts, malformed } = parseMountinfo(readMountinfo());
  assert.deepEqual(malformed, []);
  assert.ok(mounts.length > 0);
  const proc = visibleMounts(mounts).find((mount) => mount.mountPoint === '/proc');
  if (proc !== undefined) {
    const { dev } = statSync('/proc');
    assert.equal(proc.device, `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`);
  }
});

/** The visible mounts among lines of the form `id parent point`. Everything else is the same for all mounts. */
const visible = (...lines: string[]): string[] =>
  visibleMounts(
    parseMountinfo(
      lines
        .map((line) => {
          const [id, parent, point] = line.split(' ');
          return `${id} ${parent} 0:${id} / ${point} rw - bpf none rw\n`;
        })
        .join(''),
    ).mounts,
  ).map(({ id, mountPoint }) => `${id} ${mountPoint}`);

test('of stacked mounts only the top one is visible, whatever the order of the lines', () => {
  const stack = ['1 0 /', '2 1 /b', '3 2 /b', '4 3 /b'];
  assert.deepEqual(visible(...stack), ['1 /', '4 /b']);
  assert.deepEqual(visible(...stack.toReversed()), ['4 /b', '1 /']);
});

test('mounts under a directory that was mounted over are not visible', () => {
  assert.deepEqual(visible('1 0 /', '2 1 /a/b', '3 1 /a'), ['1 /', '3 /a']);
  assert.deepEqual(visible('1 0 /', '2 1 /a/b', '3 1 /a', '4 3 /a/b'), ['1 /', '3 /a', '4 /a/b']);
  // A mount is covered together with its parent. A longer name with the same beginning is another directory.
  assert.deepEqual(visible('1 0 /', '2 1 /a', '3 2 /a/b', '4 2 /a', '5 1 /ab'), ['1 /', '4 /a', '5 /ab']);
  // A mount over the root itself.
  assert.deepEqual(visible('1 0 /', '2 1 /a', '3 1 /'), ['3 /']);
});

test('mounts whose parents are not listed are visible: a chroot, or a malformed line', () => {
  assert.deepEqual(visible('5 4 /a', '6 5 /a/b', '7 4 /c'), ['5 /a', '6 /a/b', '7 /c']);
  assert.deepEqual(visible('1 1 /', '2 1 /a'), ['1 /', '2 /a'], 'a root that is its own parent');
  assert.deepEqual(visible('1 0 /', '6 5 /a/b'), ['1 /', '6 /a/b']);
});

test('property: what the kernel would write reads back', () => {
  const asKernelWrites = (bytes: Uint8Array): string =>
    [...bytes]
      .map((byte) =>
        byte <= 0x20 || byte > 0x7e || byte === 0x5c || byte === 0x23
          ? `\\${byte.toString(8).padStart(3, '0')}`
          : String.fromCharCode(byte),
      )
      .join('');
  const bytes = fc.uint8Array({ min: 1, max: 255, maxLength: 30 });
  fc.assert(
    fc.property(
      bytes,
      bytes,
      fc.nat(),
      fc.nat(),
      fc.array(fc.constantFrom('shared:1', 'master:2', 'unbindable')),
      (path, source, id, parent, optional) => {
        const fields = [
          id,
          parent,
          '0:7',
          '/',
          `/${asKernelWrites(path)}`,
          'rw',
          ...optional,
          '-',
          'bpf',
          asKernelWrites(source),
          'rw',
        ];
        const mount = parseOne(fields.join(' '));
        assert.deepEqual([...mount.mountPointBytes.subarray(1)], [...path]);
        assert.equal(mount.source, new TextDecoder('utf-8', { ignoreBOM: true }).decode(source));
        assert.deepEqual([mount.id, mount.parentId, [...mount.propagation]], [id, parent, optional]);
      },
    ),
  );
});

test('property: hostile text never throws, and no line is lost silently', () => {
  const junk = fc.array(
    fc.constantFrom(
      ' ',
      '-',
      ' - ',
      '/',
      '\\',
      '\\040',
      '\\9',
      '1',
      '0:1',
      'bpf',
      ',',
      '\u0000',
      'é',
      '\n',
      '\r',
    ),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(junk, (parts) => {
      const text = parts.join('');
      const { mounts, malformed } = parseMountinfo(text);
      assert.equal(mounts.length + malformed.length, text.split('\n').filter((line) => line !== '').length);
      visibleMounts(mounts);
    }),
  );
});

test('property: each mount point shows one mount at most, in any tree', () => {
  const line = fc.tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 0, max: 6 }),
    fc.constantFrom('/', '/a', '/a/b', '/c'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const seen = visible(...lines.map((parts) => parts.join(' '))).map((text) => text.split(' ')[1]);
      assert.equal(new Set(seen).size, seen.length);
    }),
  );
});
