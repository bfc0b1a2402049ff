import assert from 'node:assert/strict';
import { TokenError } from '../../src/errors/index.ts';

/** The TokenError that a call ends with. */
export function refused(call: () => { close(): void }): TokenError {
  try {
    call().close();
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}
