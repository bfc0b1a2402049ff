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

const program = 'trap "echo GOT INT; exit 3" INT; echo READY; while :; do sleep 0.1; done';
const caller = `
  import { spawnWithToken } from '${new URL('../../src/testing/index.js', import.meta.url).href}';
  process.on('SIGINT', () => {});
  spawnWithToken('sh', ['-c', '${program}'], { stdio: 'inherit' }).on('exit', (code) => process.exit(code));`;

test('Ctrl-C at a terminal reaches the program once', { skip }, async () => {
  using terminal = Fd.adopt(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY), 'terminal');
  const number = new Int32Array(1);
  ioctl(terminal, TIOCSPTLCK, new Int32Array(1));
  ioctl(terminal, TIOCGPTN, number);
  const line = openSync(`/dev/pts/${number[0]}`, constants.O_RDWR | constants.O_NOCTTY);
  const node = [process.execPath, '--input-type=module', '-e', caller];
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
  const [code] = await once(session, 'close');
  await screenClosed;
  assert.equal(code, 3, output);
  assert.equal(output.match(/GOT INT/g)?.length, 1, output);
});
