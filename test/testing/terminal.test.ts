import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { Fd, ioctl } from '../../src/sys/index.ts';
import { skip } from './support.ts';

// include/uapi/asm-generic/ioctls.h
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const TIOCSTI = 0x5412;
const TIOCSCTTY = 0x540e;

const library = (name: string): string => new URL(`../../src/${name}`, import.meta.url).href;

/** A program that calls another one under a token, with the terminal as its own. */
const caller = (file: string, args: readonly string[], options: object): string => `
  import { spawnWithToken } from '${library('testing/index.js')}';
  process.on('SIGINT', () => {});
  const options = { stdio: 'inherit', ...${JSON.stringify(options)} };
  spawnWithToken('${file}', ${JSON.stringify(args)}, options).on('exit', (code) => process.exit(code));`;

/** Runs a script of Node's at a terminal, and types Ctrl-C when it says READY. */
async function atTerminal(script: string): Promise<{ code: number | null; output: string }> {
  using terminal = Fd.adopt(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY), 'terminal');
  const number = new Int32Array(1);
  ioctl(terminal, TIOCSPTLCK, new Int32Array(1));
  ioctl(terminal, TIOCGPTN, number);
  const line = openSync(`/dev/pts/${number[0]}`, constants.O_RDWR | constants.O_NOCTTY);
  const node = [process.execPath, '--input-type=module', '-e', script];
  const session = spawn('setsid', ['--wait', '--ctty', ...node], { stdio: [line, line, line] });
  closeSync(line);

  let output = '';
  const screen = createReadStream('', { fd: terminal.duplicate().release(), encoding: 'utf8' });
  screen.on('data', (chunk) => {
    if (!output.includes('READY') && (output + chunk).includes('READY')) writeSync(terminal.value, '\x03');
    output += chunk;
  });
  // A terminal that nobody has open any more reads as EIO.
  screen.on('error', () => {});
  const screenClosed = new Promise<void>((resolve) => screen.once('close', () => resolve()));
  const [code] = (await once(session, 'close')) as [number | null];
  await screenClosed;
  return { code, output };
}

for (const isolate of [false, true]) {
  test(`Ctrl-C at a terminal reaches ${isolate ? 'an isolated' : 'the'} program once`, { skip }, async () => {
    const program = 'trap "echo GOT INT; exit 3" INT; echo READY; while :; do sleep 0.1; done';
    const { code, output } = await atTerminal(caller('sh', ['-c', program], { isolate }));
    assert.equal(code, 3, output);
    assert.equal(output.match(/GOT INT/g)?.length, 1, output);
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
  const { output } = await atTerminal(caller(process.execPath, args, { isolate: true }));
  // EIO where the kernel lets nobody type; EPERM: of another session, and without the right to steal it; ENXIO.
  assert.match(output, /RESULTS (-5|-1) -1 -6/);
});
