import assert from 'node:assert/strict';
import { TokenError } from '../../src/errors/index.ts';

/** Returns the TokenError that a call throws. */
export function refused(call: () => { close(): void }): TokenError {
  try {
    call().close();
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}
