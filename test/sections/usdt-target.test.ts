import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSectionName, parseUsdtTarget } from '../../src/sections/index.ts';

const target = (section: string): object | undefined => {
  const { kind, attachTo } = parseSectionName(section) ?? {};
  assert.match(kind?.name ?? '', /^usdt(\.s)?$/);
  assert.equal(kind?.sleepable === true, section.includes('.s/'));
  return parseUsdtTarget(attachTo ?? '');
};

test('the target of a USDT section', () => {
  const path = '/usr/lib/libc.so.6';
  assert.deepEqual(target(`usdt/${path}:libc:setjmp`), { path, provider: 'libc', name: 'setjmp' });
  assert.deepEqual(target('usdt.s/libc.so.6:libc:setjmp'), {
    ...{ path: 'libc.so.6', provider: 'libc', name: 'setjmp' },
  });
  assert.deepEqual(target('?usdt/./a:b:c:d'), { path: './a:b', provider: 'c', name: 'd' });
});

test('what is not a target', () => {
  for (const text of ['', 'a', 'a:b', ':b:c', 'a::c', 'a:b:', '::']) {
    assert.equal(parseUsdtTarget(text), undefined, text);
  }
  assert.equal(target('usdt/a:b'), undefined);
  assert.throws(() => parseUsdtTarget(undefined as never), { name: 'TypeError' });
});
