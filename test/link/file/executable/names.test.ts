import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isLibraryFile,
  isLibraryName,
  isMappedAs,
  matchingLibraries,
} from '../../../../src/link/file/executable/names.ts';

test('which names are libraries', () => {
  const files = ['libc.so.6', 'libz.so', 'ld-linux-x86-64.so.2', 'plugin.so'];
  const names = ['libssl', 'libstdc++'];
  const programs = ['bash', 'a.sock', 'x.solid', 'mylib'];
  assert.deepEqual([...files, ...names, ...programs].filter(isLibraryFile), files);
  assert.deepEqual([...files, ...names, ...programs].filter(isLibraryName), names);
});

test('the newest version comes first, numbers counting as numbers', () => {
  const names = [
    'libssl.so',
    'libssl.so.3',
    'libssl.so.1.1',
    'libssl.so.1.1.1',
    'libssl.so.10',
    'libssl.so.3-beta',
    'libssl3.so',
    'libsslx.so.4',
    'libssl.so.',
  ];
  const sorted = ['libssl.so.10', 'libssl.so.3', 'libssl.so.1.1.1', 'libssl.so.1.1', 'libssl.so'];
  assert.deepEqual(matchingLibraries('libssl', names), sorted);
  assert.deepEqual(matchingLibraries('libssl.so', names), sorted);
  assert.deepEqual(matchingLibraries('libssl.so.1.1', names), ['libssl.so.1.1']);
  assert.deepEqual(matchingLibraries('libssl.so.1', names), []);
  assert.deepEqual(matchingLibraries('libnone', names), []);
});

test('the mapped file of a library may be called after its full version', () => {
  const cases = [
    ['libc.so.6', 'libc.so.6', true],
    ['libc-2.31.so', 'libc.so.6', true],
    ['libc-2.31.so', 'libc', true],
    ['libstdc++.so.6.0.30', 'libstdc++.so.6', true],
    ['libstdc++.so.6.0.30', 'libstdc++', true],
    ['libstdc++.so.6.0.30', 'libstdc++.so', true],
    ['libssl.so.1.1', 'libssl.so.3', false],
    ['libssl.so.30', 'libssl.so.3', false],
    ['libcrypt.so.1', 'libc', false],
    ['libc-client.so', 'libc', false],
    ['bash', 'bash', true],
    ['bash.so', 'bash', false],
  ] as const;
  for (const [file, wanted, expected] of cases) {
    assert.equal(isMappedAs(file, wanted), expected, `${file} as ${wanted}`);
  }
});
