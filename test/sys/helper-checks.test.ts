// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHelperRequest } from '../../src/sys/helper-checks.ts';
import type { HelperRequest } from '../../src/sys/helper-request.ts';

const check = (request: object): void => checkHelperRequest({ mounts: [], ...request } as HelperRequest);
const mounts = (count: number): object => ({ mounts: Array(count).fill({ path: '/tmp', options: {} }) });

test('what the helper takes is let through', () => {
  check({});
  check({ uid: 0, gid: 2 ** 32 - 2, enter: 1, keep: 2n ** 64n - 1n, argv0: '' });
  check(mounts(16));
});

test('numbers out of range are shown', () => {
  const cases: [object, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ uid: -1 }, RangeError, /^uid must be an integer from 0 to 4294967294, got -1$/],
    [{ uid: 2 ** 32 - 1 }, RangeError, /^uid .* got 4294967295$/],
    [{ uid: 2 ** 32 }, RangeError, /^uid .* got 4294967296$/],
    [{ gid: 2 ** 33 }, RangeError, /^gid .* got 8589934592$/],
    [{ gid: 1.5 }, RangeError, /^gid .* got 1\.5$/],
    [{ uid: Number.NaN }, RangeError, /^uid .* got NaN$/],
    [{ uid: Number.POSITIVE_INFINITY }, RangeError, /^uid .* got Infinity$/],
    [{ uid: '0' }, TypeError, /^uid must be a number, got '0'$/],
    [{ uid: null }, TypeError, /^uid must be a number, got null$/],
    [{ enter: 0 }, RangeError, /^enter must be an integer from 1 to 2147483647, got 0$/],
    [{ enter: 2 ** 31 }, RangeError, /^enter .* got 2147483648$/],
    [{ keep: -1n }, RangeError, /^keep must be a mask of 64 bits, got -1$/],
    [{ keep: 2n ** 64n }, RangeError, /^keep .* got 18446744073709551616$/],
    [mounts(17), RangeError, /^the number of mounts must be at most 16, got 17$/],
  ];
  for (const [request, kind, message] of cases) {
    assert.throws(
      () => check(request),
      (error) => error instanceof kind && message.test(error.message),
      String(message),
    );
  }
});

test('text that a command line cannot hold is refused', () => {
  assert.throws(() => check({ argv0: 'a\0b' }), TypeError);
  assert.throws(() => check({ uidMap: 5 }), TypeError);
  assert.throws(() => check({ mounts: [{ path: 'a\0b', options: {} }] }), /path of a mount .*NUL.*a\\x00b/);
  assert.throws(() => check({ mounts: [{ path: undefined, options: {} }] }), TypeError);
  assert.throws(() => check({ mounts: [{ path: '/tmp', options: { x: 'a\0' } }] }), /mount option x/);
});
