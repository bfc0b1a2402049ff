import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from './support.ts';
import { TerminalSession } from './terminal.ts';

const program = 'trap "echo GOT INT; exit 3" INT; echo READY; while :; do sleep 0.1; done';
const caller = `
  import { spawnWithToken } from '${new URL('../../src/testing/index.js', import.meta.url).href}';
  process.on('SIGINT', () => {});
  spawnWithToken('sh', ['-c', '${program}'], { stdio: 'inherit' }).on('exit', (code) => process.exit(code));`;

test('Ctrl-C at a terminal reaches the program once', { skip }, async () => {
  using session = new TerminalSession([process.execPath, '--input-type=module', '-e', caller]);
  await session.shows('READY');
  session.type('\x03');
  const [code] = await session.ended;
  assert.equal(code, 3, session.output);
  assert.equal(session.count('GOT INT'), 1, session.output);
});
