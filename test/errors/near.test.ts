// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearNames } from '../../src/errors/index.ts';

test('nearNames finds misspellings and parts of names, and nothing else', () => {
  const known = ['hash', 'percpu_hash', 'lru_hash', 'array', 'ringbuf'];
  assert.deepEqual(nearNames('hahs', known), ['hash']);
  assert.deepEqual(nearNames('ringbuff', known), ['ringbuf']);
  assert.ok(nearNames('hash', known).includes('percpu_hash'));
  assert.deepEqual(nearNames('zzzzzz', known), []);
  assert.equal(didYouMean('arrray', known), ' (did you mean "array"?)');
  assert.equal(didYouMean('', known), '');
});

test('nearNames finds names that begin alike, and suggests nothing silly', () => {
  const known = [
    'type',
    'name',
    'key',
    'value',
    'records',
    'maxEntries',
    'ifindex',
    'interface',
    'lock',
    'token',
  ];
  for (const [word, near] of [
    ['maxEntry', ['maxEntries']],
    ['maxEntriesPerCpu', ['maxEntries']],
    ['lockMode', ['lock']],
    ['lockFlags', []],
    ['valueSize', ['value']],
    ['recordSize', ['records']],
    ['tokens', ['token']],
    ['keySize', []],
    ['interrupts', []],
    ['maximum', []],
    ['to', []],
    ['nodes', []],
  ] as const) {
    assert.deepEqual(nearNames(word, known), near, word);
  }
  // The one that is spelled alike comes first.
  assert.deepEqual(nearNames('attached', ['attach', 'attacher', 'attache']), [
    'attache',
    'attacher',
    'attach',
  ]);
});
