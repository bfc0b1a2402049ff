// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BpfError,
  ClosedError,
  ERRNO,
  errnoName,
  FormatError,
  NotSupportedError,
  RelocationError,
  rejectUnknownOptions,
  reword,
  TokenError,
  VerifierError,
} from '../../src/errors/index.ts';

test('errno names are the ones people search for', () => {
  const names = [1, 2, 7, 11, 22, 95, 524, 4000].map(errnoName);
  assert.deepEqual(names, [
    'EPERM',
    'ENOENT',
    'E2BIG',
    'EAGAIN',
    'EINVAL',
    'EOPNOTSUPP',
    'ENOTSUPP',
    'E4000',
  ]);
});

test('an errno is a constant by its name', () => {
  assert.equal(ERRNO.ENOENT, 2);
  assert.equal(ERRNO.EOPNOTSUPP, 95);
  for (const [name, number] of Object.entries(ERRNO)) assert.equal(errnoName(number), name);
});

test('every error carries code and cause, is recognised by brand, and can be walked', () => {
  const root = new TypeError('root');
  const inner = new FormatError('magic is 0x1234, expected 0xeb9f', {
    section: '.BTF',
    offset: 0,
    cause: root,
  });
  const outer = new BpfError('Cannot load BTF', { code: 'EPERM', errno: 1, syscall: 'bpf', cause: inner });
  assert.equal(inner.message, '.BTF, offset 0: magic is 0x1234, expected 0xeb9f');
  assert.equal(inner.code, 'ERR_BPF_FORMAT');
  assert.equal(
    outer.walk((error) => error instanceof TypeError),
    root,
  );
  assert.equal(
    outer.walk((error) => error instanceof RangeError),
    undefined,
  );
  assert.ok(BpfError.is(inner));
  assert.ok(!BpfError.is(root));
  assert.ok(!BpfError.is({ code: 'EPERM' }));
});

test('walk ends when causes form a circle', () => {
  const a = new BpfError('a', { code: 'EIO' });
  const b = new BpfError('b', { code: 'EPERM', cause: a });
  Object.defineProperty(a, 'cause', { value: b });
  assert.equal(
    b.walk(() => false),
    undefined,
  );
});

/** The error classes of another copy of the library. A process has two copies if two of its packages each bring one. */
async function secondCopy(): Promise<{ BpfError: typeof BpfError; ClosedError: typeof ClosedError }> {
  return await import(`${new URL('../../lib/formats/names.js', import.meta.url).href}?copy`);
}

test('a brand survives a second copy of the library', async () => {
  const copy = await secondCopy();
  const other = new copy.BpfError('x', { code: 'EIO' });
  assert.ok(!(other instanceof BpfError));
  assert.ok(BpfError.is(other));
  assert.ok(copy.BpfError.is(new BpfError('x', { code: 'EIO' })));
});

test('closed and missing things are told by class and code', () => {
  const closed = new ClosedError('map "m"');
  assert.equal(closed.code, 'ERR_BPF_CLOSED');
  assert.equal(closed.message, 'Cannot use map "m": it is closed');
  const missing = new NotSupportedError('Cannot create map: no arena', {
    feature: 'map type arena',
    since: '6.9',
  });
  assert.deepEqual(
    [missing.code, missing.feature, missing.since],
    ['ERR_BPF_NOT_SUPPORTED', 'map type arena', '6.9'],
  );
});

test('unknown options are rejected with the nearest known one', () => {
  rejectUnknownOptions('BpfMap.create', { name: 'x' }, ['name', 'maxEntries']);
  assert.throws(() => rejectUnknownOptions('BpfMap.create', { maxEntrys: 1 }, ['name', 'maxEntries']), {
    name: 'TypeError',
    message: 'BpfMap.create: unknown option "maxEntrys" (did you mean "maxEntries"?)',
  });
});

test('each class knows its own errors and those below it, in any copy of the library, and no siblings', async () => {
  class Derived extends TokenError {}
  const closed = new ClosedError('x');
  const token = new TokenError('x', { code: 'EPERM', reason: 'no_token' });
  const derived = new Derived('x', { code: 'EPERM', reason: 'no_token' });
  const copy = await secondCopy();
  const other = new copy.ClosedError('x');
  assert.ok(!(other instanceof ClosedError));
  const errors = [closed, other, token, derived, new Error('x'), { name: 'TokenError' }, undefined];
  const answers = (errorClass: { is(value: unknown): boolean }): boolean[] =>
    errors.map((error) => errorClass.is(error));
  assert.deepEqual(answers(BpfError), [true, true, true, true, false, false, false]);
  assert.deepEqual(answers(ClosedError), [true, true, false, false, false, false, false]);
  assert.deepEqual(answers(copy.ClosedError), [true, true, false, false, false, false, false]);
  assert.deepEqual(answers(TokenError), [false, false, true, true, false, false, false]);
  for (const errorClass of [FormatError, NotSupportedError, RelocationError, VerifierError]) {
    assert.deepEqual(
      answers(errorClass),
      errors.map(() => false),
    );
  }
});

test('the stack begins with name and message, also after the message changed', () => {
  const error = new FormatError('x', { file: 'a.o' });
  assert.match(error.stack ?? '', /^FormatError: a\.o: x\n +at /);
  reword(error, 'b.o: $& \n y');
  assert.equal(error.message, 'b.o: $& \n y');
  assert.ok(error.stack?.startsWith('FormatError: b.o: $& \n y\n    at '), error.stack);
  const texts = ['', 'Error', 'TypeError', ': ', 'at'];
  for (const text of texts) {
    const plain = new TypeError(text);
    reword(plain, `before ${text}`);
    assert.ok(plain.stack?.startsWith(`TypeError: before ${text}\n    at `), plain.stack);
  }
});
