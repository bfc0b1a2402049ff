import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BpfError, bareError, explained, isBare, NotSupportedError } from '../../src/errors/index.ts';

const bare = (): BpfError =>
  bareError('open map 7', { errno: 1, syscall: 'bpf', command: 'map_get_fd_by_id' });

test('an explanation follows what a bare error says, and its fields stay', () => {
  const error = explained(bare(), ({ code, errno }) => `${code} is ${errno}`);
  assert.equal(error.message, 'Cannot open map 7: EPERM: EPERM is 1');
  assert.deepEqual(
    [error.code, error.errno, error.syscall, error.command, error.cause],
    ['EPERM', 1, 'bpf', 'map_get_fd_by_id', undefined],
  );
  assert.equal(isBare(error), false);
});

test('what is explained passes unchanged, and so does what nobody can explain', () => {
  const first = explained(bare(), () => 'because');
  assert.equal(
    explained(first, () => 'otherwise'),
    first,
  );
  const unknown = bare();
  assert.equal(
    explained(unknown, () => undefined),
    unknown,
  );
  const mistake = new TypeError('mistake');
  assert.equal(
    explained(mistake, () => 'because'),
    mistake,
  );
});

test('another error takes the place of the bare one', () => {
  const other = new NotSupportedError('Cannot open map 7: no maps', { feature: 'maps' });
  assert.equal(
    explained(bare(), () => other),
    other,
  );
});
