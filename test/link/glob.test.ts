import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globMatcher, isGlob } from '../../src/link/glob.ts';

const CASES: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] =
  [
    ['malloc', ['malloc'], ['mallocx', 'xmalloc', 'mallo', '']],
    ['malloc*', ['malloc', 'malloc_usable_size'], ['realloc', 'mallo']],
    ['*alloc', ['malloc', 'alloc', 'alloc_alloc'], ['allocs', 'allo']],
    ['m*l*c', ['malloc', 'mlc', 'mlllcc'], ['mc', 'malloca']],
    ['?alloc', ['malloc', 'calloc'], ['alloc', 'realloc']],
    ['a?c*', ['abc', 'abcd', 'a*c'], ['ac', 'bbc']],
    ['*', ['', 'anything'], []],
    ['**a', ['a', 'ba', 'aaa'], ['', 'ab']],
    ['*ab*ab', ['abab', 'xabyab', 'ababab'], ['ab', 'aba']],
    ['[a]', ['[a]'], ['a']],
    ['a.c', ['a.c'], ['abc']],
  ];

test('what patterns match', () => {
  for (const [pattern, matching, others] of CASES) {
    const matches = globMatcher(pattern);
    for (const name of matching) assert.ok(matches(name), `${pattern} matches ${name}`);
    for (const name of others) assert.ok(!matches(name), `${pattern} does not match ${name}`);
  }
});

test('many stars take no more than the product of the lengths', () => {
  assert.equal(globMatcher(`${'*a'.repeat(200)}*b`)('a'.repeat(20_000)), false);
});

test('a name is a pattern with a star or a question mark', () => {
  assert.deepEqual(['malloc', 'm*', 'm?', 'a[b]'].map(isGlob), [false, true, true, false]);
});
