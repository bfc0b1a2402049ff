// depends on: kernel
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { functionsMatching, patternMatcher } from '../../../src/link/kernel/function-pattern.ts';
import { needsRoot, ownTracefs } from '../support.ts';

test('* stands for any text and ? for any character', () => {
  const cases: [string, string, boolean][] = [
    ['vfs_*', 'vfs_read', true],
    ['vfs_*', 'vfs_', true],
    ['vfs_*', 'do_vfs_read', false],
    ['vfs_rea?', 'vfs_read', true],
    ['vfs_rea?', 'vfs_rea', false],
    ['*_read*', 'vfs_readv', true],
    ['a.b', 'axb', false],
    ['a.b*', 'a.b.isra.0', true],
    ['vfs_read', 'vfs_read', true],
    ['vfs_read', 'vfs_readv', false],
    [`${'*a'.repeat(60)}b`, 'a'.repeat(40), false],
  ];
  for (const [pattern, name, expected] of cases) {
    assert.equal(patternMatcher('it', pattern)(name), expected, `${pattern} ${name}`);
  }
  for (const pattern of ['', 'a b', 'a[b]', '(', 5]) {
    assert.throws(() => patternMatcher('it', pattern as string), /^TypeError: it: pattern must be /);
  }
});

/** A folder that looks like tracefs, with this list of functions. */
function fakeTracefs(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-functions-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const NAMES = 'vfs_read\nvfs_write [mod]\ntwice\ntwice\n__ftrace_invalid_address___12\nvfs_open\n';
const ADDRESSES =
  'ffffffff81000010 vfs_read\nffffffffc0000020 vfs_write [mod]\nffffffff81000030 twice\nffffffff81000040 twice\n' +
  'ffffffff81000050 __ftrace_invalid_address___12\nffffffff81000010 vfs_read\n';

test('names are taken once, and none that stands for several functions', (t) => {
  const folder = fakeTracefs(t, { available_filter_functions: NAMES });
  const source = join(folder, 'available_filter_functions');
  assert.deepEqual(functionsMatching('it', 'vfs_*', folder), {
    names: ['vfs_read', 'vfs_write', 'vfs_open'],
    addresses: undefined,
    source,
  });
  assert.deepEqual(functionsMatching('it', '*', folder).names, ['vfs_read', 'vfs_write', 'vfs_open']);
  assert.throws(() => functionsMatching('it', 'vfs_raed*', folder), {
    name: 'BpfError',
    code: 'ERR_BPF_ATTACH_TARGET',
    message: `Cannot find a kernel function that can be traced and matches "vfs_raed*" in ${source} (did you mean "vfs_read"?)`,
  });
});

test('addresses tell functions of the same name apart', (t) => {
  const folder = fakeTracefs(t, {
    available_filter_functions: NAMES,
    available_filter_functions_addrs: ADDRESSES,
  });
  const { names, addresses } = functionsMatching('it', '*', folder);
  assert.deepEqual(names, ['vfs_read', 'vfs_write', 'twice', 'twice']);
  assert.deepEqual(addresses, [
    0xffffffff81000010n,
    0xffffffffc0000020n,
    0xffffffff81000030n,
    0xffffffff81000040n,
  ]);
  const hidden = fakeTracefs(t, {
    available_filter_functions_addrs: ADDRESSES.replaceAll(/^f\w+/gm, '0'.repeat(16)),
  });
  assert.deepEqual(functionsMatching('it', '*', hidden).addresses, undefined);
  assert.deepEqual(functionsMatching('it', '*', hidden).names, ['vfs_write']);
});

test('without tracefs, the functions that have BTF', needsRoot(), () => {
  const { names, source } = functionsMatching('it', 'vfs_rea?', '/nowhere');
  assert.deepEqual(names, ['vfs_read']);
  assert.equal(source, '/proc/kallsyms and kernel BTF (no tracefs can be read)');
  assert.throws(() => functionsMatching('it', 'no_such_function_*', '/nowhere'), {
    code: 'ERR_BPF_ATTACH_TARGET',
  });
});

test('the functions of this kernel', needsRoot(), (t) => {
  using tracefs = ownTracefs();
  const file = join(tracefs.folder, 'available_filter_functions');
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    return t.skip(`this kernel refuses: ${(error as Error).message}`);
  }
  const { names } = functionsMatching('it', 'vfs_*', tracefs.folder);
  const listed = new Set(text.match(/^vfs_\S+/gm));
  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => !listed.has(name)),
    [],
  );
});
