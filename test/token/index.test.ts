import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as errors from '../../src/errors/index.ts';
import { BpfError, ClosedError, NotSupportedError, TokenError } from '../../src/token/index.ts';

test('the errors that are thrown can be imported beside what throws them', () => {
  assert.equal(BpfError, errors.BpfError);
  assert.equal(ClosedError, errors.ClosedError);
  assert.equal(NotSupportedError, errors.NotSupportedError);
  assert.equal(TokenError, errors.TokenError);
});
