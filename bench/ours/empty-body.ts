/** A test file with one test under a token, whose body does nothing. */
import { test } from 'node:test';
import { runWithToken } from 'ebpf-ts/testing';

test('a file', (t) => runWithToken(t, 'under a token', 'any', () => {}));
