import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRNO, isBare } from '../../src/errors/index.ts';
import { systemError } from '../../src/sys/index.ts';

test('what the caller knows comes before what an errno means for every call', () => {
  const known = systemError('do it', 'bpf', ERRNO.EMFILE, 'map_create', () => 'because');
  assert.equal(known.message, 'Cannot do it: EMFILE: because');
  for (const unknown of [() => undefined, () => '', undefined]) {
    const common = systemError('do it', 'bpf', ERRNO.EMFILE, 'map_create', unknown);
    assert.match(common.message, /^Cannot do it: EMFILE: this process has too many open descriptors/);
    assert.ok(isBare(systemError('do it', 'bpf', ERRNO.EIO, 'map_create', unknown)));
  }
});
