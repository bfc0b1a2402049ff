import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BpfError, bareError, VerifierError } from '../../src/errors/index.ts';
import { loadLogged, loadLoggedAsync } from '../../src/verifier-log/attempts.ts';

const what = (): string => 'load program "busy" (xdp)';
const refused = (errno: number): BpfError => bareError('load program', { errno, syscall: 'bpf' });
const write = (log: { readonly buffer: Uint8Array } | undefined, text: string): void => {
  log?.buffer.set(new TextEncoder().encode(text));
};

test('when signals end every attempt, that is what is said', () => {
  assert.throws(
    () =>
      loadLogged(what, {}, (log) => {
        write(log, '0: (b7) r0 = 0');
        throw refused(11);
      }),
    (error) => {
      assert.ok(error instanceof BpfError && !(error instanceof VerifierError));
      assert.equal(error.code, 'EAGAIN');
      assert.match(error.message, /^Cannot load program "busy" \(xdp\): EAGAIN: signals to this thread/);
      return true;
    },
  );
});

test('the first attempt asks for no log, and a log that does not fit grows to the size the kernel names', () => {
  const sizes: (number | undefined)[] = [];
  assert.throws(
    () =>
      loadLogged(what, { logSize: 128 }, (log) => {
        sizes.push(log?.buffer.length);
        if (log === undefined) throw refused(22);
        log.trueSize = 5000;
        write(log, 'R0 !read_ok');
        throw refused(log.buffer.length < 5000 ? 28 : 22);
      }),
    (error) => error instanceof VerifierError && error.lastLine === 'R0 !read_ok' && error.code === 'EINVAL',
  );
  assert.deepEqual(sizes, [undefined, 128, 5000 + 1024]);
});

test('what is no error of a system call passes, in both forms', async () => {
  const mistake = new TypeError('mistake');
  const fail = (): never => {
    throw mistake;
  };
  assert.throws(() => loadLogged(what, {}, fail), mistake);
  await assert.rejects(
    loadLoggedAsync(what, {}, async () => fail()),
    mistake,
  );
});
