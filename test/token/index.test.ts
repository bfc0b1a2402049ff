import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as errors from '../../src/errors/index.ts';
import * as token from '../../src/token/index.ts';

test('the errors that are thrown can be imported beside what throws them', () => {
  for (const name of ['BpfError', 'ClosedError', 'NotSupportedError', 'TokenError'] as const) {
    assert.equal(token[name], errors[name], name);
  }
});
