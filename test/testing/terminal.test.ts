// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from './support.ts';
import { TerminalSession } from './terminal.ts';

// include/uapi/asm-generic/ioctls.h
const TIOCSTI = 0x5412;
const TIOCSCTTY = 0x540e;

const library = (name: string): string => new URL(`../../src/${name}`, import.meta.url).href;

/** A program that starts another one under a token, with the terminal as its own. */
const caller = (file: string, args: readonly string[], options: object): string => `
  import { spawnWithToken } from '${library('testing/index.js')}';
  process.on('SIGINT', () => {});
  const options = { stdio: 'inherit', ...${JSON.stringify(options)} };
  spawnWithToken('${file}', ${JSON.stringify(args)}, options).on('exit', (code) => process.exit(code));`;

/** Runs a Node script at a terminal. */
const atTerminal = (script: string): TerminalSession =>
  new TerminalSession([process.execPath, '--input-type=module', '-e', script]);

for (const isolate of [false, true]) {
  test(`Ctrl-C at a terminal reaches ${isolate ? 'an isolated' : 'the'} program once`, { skip }, async () => {
    const program = 'trap "echo GOT INT; exit 3" INT; echo READY; while :; do sleep 0.1; done';
    using session = atTerminal(caller('sh', ['-c', program], { isolate }));
    await session.shows('READY');
    session.type('\x03');
    const [code] = await session.ended;
    assert.equal(code, 3, session.output);
    assert.equal(session.count('GOT INT'), 1, session.output);
  });
}

test('an isolated program cannot type into the terminal of its caller, nor take it', { skip }, async () => {
  const program = `
    import { native } from '${library('sys/index.js')}';
    const { numbers, syscall } = native();
    const type = syscall(numbers.ioctl, 0, ${TIOCSTI}, new Uint8Array([120]));
    const take = syscall(numbers.ioctl, 0, ${TIOCSCTTY}, 0);
    const open = syscall(numbers.openat, -100, '/dev/tty', 0, 0);
    console.log(['RESULTS', type, take, open].join(' '));`;
  const args = ['--input-type=module', '-e', program];
  using session = atTerminal(caller(process.execPath, args, { isolate: true }));
  await session.ended;
  // The first result is EIO if the kernel lets nobody insert input, otherwise EPERM. EPERM: the terminal belongs to
  // another session, and the right to steal it is missing. ENXIO: there is no terminal.
  assert.match(session.output, /RESULTS (-5|-1) -1 -6/);
});
