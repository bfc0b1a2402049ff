// depends on: runtime
import assert from 'node:assert/strict';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ClosedError } from '../../src/errors/index.ts';
import { Fd, openDescriptors, traceDescriptors } from '../../src/sys/index.ts';

const openNull = (what = 'null'): Fd => Fd.adopt(openSync('/dev/null', constants.O_RDONLY), what);

test('a descriptor is closed once, and its owner says so afterwards', () => {
  const fd = openNull('map "m"');
  const number = fd.value;
  fd.close();
  fd.close();
  assert.equal(fd.closed, true);
  assert.throws(() => fstatSync(number), { code: 'EBADF' });
  assert.throws(
    () => fd.value,
    (error: Error) => error instanceof ClosedError && error.message === 'Cannot use map "m": it is closed',
  );
});

test('many are closed at once, those that are closed already included', () => {
  const fds = Array.from({ length: 50 }, () => openNull());
  const numbers = fds.map(({ value }) => value);
  fds[7]?.close();
  const before = openDescriptors().length;
  Fd.closeAll(fds);
  assert.ok(fds.every(({ closed }) => closed));
  assert.equal(openDescriptors().length, before - 49);
  for (const number of numbers) assert.throws(() => fstatSync(number), { code: 'EBADF' });
  // Nothing is closed twice: the numbers may be in use again.
  const again = openNull();
  Fd.closeAll([...fds]);
  fstatSync(again.value);
  again.close();
  Fd.closeAll([]);
});

test('release hands the descriptor over, open', () => {
  const fd = openNull();
  const number = fd.release();
  assert.equal(fd.closed, true);
  fd.close();
  fstatSync(number);
  closeSync(number);
});

test('duplicates are independent and close-on-exec', () => {
  using fd = openNull();
  const copy = fd.duplicate();
  assert.notEqual(copy.value, fd.value);
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${copy.value}`, 'latin1'))?.[1] ?? '0';
  assert.equal(Number.parseInt(flags, 8) & 0o2000000, 0o2000000);
  copy.close();
  fstatSync(fd.value);
});

test('open descriptors are listed with the place they come from', () => {
  traceDescriptors(true);
  using fd = openNull('traced');
  traceDescriptors(false);
  const entry = openDescriptors().find((each) => each.fd === fd.value);
  assert.equal(entry?.what, 'traced');
  assert.match(entry?.stack ?? '', /fd\.test/);
});
