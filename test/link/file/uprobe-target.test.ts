import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUprobeMultiTarget, parseUprobeTarget } from '../../../src/link/file/uprobe-target.ts';
import { parseSectionName } from '../../../src/sections/index.ts';

test('the targets of uprobe sections', () => {
  const cases = {
    '/bin/bash:readline': { path: '/bin/bash', function: 'readline' },
    'libc.so.6:malloc': { path: 'libc.so.6', function: 'malloc' },
    'libc.so.6:malloc+0x10': { path: 'libc.so.6', function: 'malloc', offset: 16 },
    'libc.so.6:malloc+16': { path: 'libc.so.6', function: 'malloc', offset: 16 },
    'libc.so.6:malloc+020': { path: 'libc.so.6', function: 'malloc', offset: 16 },
    'libc.so.6:malloc+0': { path: 'libc.so.6', function: 'malloc', offset: 0 },
    'libc.so.6:memcpy@@GLIBC_2.14': { path: 'libc.so.6', function: 'memcpy@@GLIBC_2.14' },
    'libc.so.6:memcpy@GLIBC_2.2.5+4': { path: 'libc.so.6', function: 'memcpy@GLIBC_2.2.5', offset: 4 },
    '/bin/bash:0x1F30': { path: '/bin/bash', offset: 0x1f30 },
    '/bin/bash:7984': { path: '/bin/bash', offset: 7984 },
    '/a b/c+d:f': { path: '/a b/c+d', function: 'f' },
    '/app:std::vec::push': { path: '/app', function: 'std::vec::push' },
    '/app:main.(*T).a+b+1': { path: '/app', function: 'main.(*T).a+b', offset: 1 },
    '/app:08': { path: '/app', function: '08' },
    '/app:0x': { path: '/app', function: '0x' },
  };
  for (const [target, expected] of Object.entries(cases)) {
    assert.deepEqual(parseUprobeTarget(target), expected, target);
  }
});

test('the targets of uprobe.multi sections', () => {
  const cases = {
    'libc.so.6:mall*': { path: 'libc.so.6', pattern: 'mall*' },
    'libc:?alloc': { path: 'libc', pattern: '?alloc' },
    '/bin/bash:readline': { path: '/bin/bash', places: ['readline'] },
    '/bin/bash:0x40': { path: '/bin/bash', places: [64] },
    // Patterns have no offsets: this is the name of a function, as for libbpf.
    '/bin/bash:f+1': { path: '/bin/bash', places: ['f+1'] },
  };
  for (const [target, expected] of Object.entries(cases)) {
    assert.deepEqual(parseUprobeMultiTarget(target), expected, target);
  }
});

test('targets that do not say where are refused with the forms there are', () => {
  for (const target of ['', ':', ':main', '/bin/bash', '/bin/bash:', '/bin/bash:f\0']) {
    assert.throws(() => parseUprobeTarget(target), {
      name: 'TypeError',
      message: `the place of a uprobe is written PATH:FUNCTION, PATH:FUNCTION+OFFSET or PATH:OFFSET, not "${target}"`,
    });
  }
  for (const place of ['f+', 'f+x', '+4', 'f+-4', 'f+0x20000000000000', 'f+08']) {
    assert.throws(() => parseUprobeTarget(`/bin/bash:${place}`), {
      name: 'TypeError',
      message: `a place inside a function is written FUNCTION+OFFSET, such as main+16 or main+0x10, not "${place}"`,
    });
  }
  for (const target of ['', ':*', 'libc', 'libc:']) {
    assert.throws(() => parseUprobeMultiTarget(target), {
      name: 'TypeError',
      message: `the place of a uprobe is written PATH:FUNCTION or PATH:PATTERN, not "${target}"`,
    });
  }
});

test('targets as sections have them', () => {
  const target = (section: string): string => parseSectionName(section)?.attachTo ?? '';
  assert.deepEqual(parseUprobeTarget(target('uprobe//bin/bash:readline')), {
    path: '/bin/bash',
    function: 'readline',
  });
  assert.deepEqual(parseUprobeTarget(target('uretprobe.s/libc.so.6:malloc')), {
    path: 'libc.so.6',
    function: 'malloc',
  });
  assert.deepEqual(parseUprobeMultiTarget(target('uprobe.session/libc.so.6:mall*')), {
    path: 'libc.so.6',
    pattern: 'mall*',
  });
});
