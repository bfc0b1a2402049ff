import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from '../testing/support.ts';
import { TerminalSession } from '../testing/terminal.ts';
import { cli } from './run.ts';

/** Counts the signals that it gets. At each SIGUSR1 it prints how many there were. */
const COUNTS = `
  const counts = {};
  const told = [];
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGCONT', 'SIGTERM']) {
    process.on(signal, () => { counts[signal] = (counts[signal] ?? 0) + 1; console.log('got ' + signal); });
  }
  process.on('SIGUSR1', () => { console.log('counts ' + told.push(0) + ' ' + JSON.stringify(counts) + ';'); });
  setInterval(() => {}, 1e8);
  console.log('ready');`;

const command = [
  process.execPath,
  cli,
  'token',
  'run',
  '--cmds',
  'map_create',
  '--',
  process.execPath,
  '-e',
  COUNTS,
];

/** Which of the program's streams are a terminal. In each case the program has a controlling terminal. */
const places: readonly (readonly [string, readonly string[], 'terminal' | 'pipe'])[] = [
  ['everything', command, 'terminal'],
  ['the input', command, 'pipe'],
  ['nothing', ['sh', '-c', 'exec "$@" < /dev/null', 'sh', ...command], 'pipe'],
];

for (const [what, words, output] of places) {
  test(`the program gets each signal once when ${what} is a terminal`, { skip }, async () => {
    using session = new TerminalSession(words, output);
    const pid = session.process.pid ?? 0;
    await session.shows('ready');
    const steps: readonly (readonly [signal: NodeJS.Signals, send: () => void])[] = [
      ['SIGINT', () => process.kill(pid, 'SIGINT')],
      ['SIGINT', () => session.type('\x03')],
      ['SIGQUIT', () => process.kill(pid, 'SIGQUIT')],
      ['SIGQUIT', () => session.type('\x1c')],
      ['SIGWINCH', () => process.kill(pid, 'SIGWINCH')],
      ['SIGWINCH', () => session.resize(50, 100)],
      ['SIGCONT', () => process.kill(pid, 'SIGCONT')],
      ['SIGTERM', () => process.kill(pid, 'SIGTERM')],
      ['SIGINT', () => process.kill(pid, 'SIGINT')],
    ];
    const counts: Record<string, number> = {};
    let asked = 0;
    for (const [signal, send] of steps) {
      counts[signal] = (counts[signal] ?? 0) + 1;
      send();
      await session.shows(`got ${signal}`, counts[signal]);
      // Asks twice: signals still under way at the first question have arrived at the second.
      for (let i = 0; i < 2; i++) {
        process.kill(pid, 'SIGUSR1');
        await session.shows(`counts ${++asked} {`);
      }
      const told = new RegExp(`counts ${asked} (.*);`).exec(session.output)?.[1] ?? '';
      assert.deepEqual(JSON.parse(told), counts, session.output);
    }
  });
}

test('Ctrl-C ends a program that does not catch it, and the command likewise', { skip }, async () => {
  using session = new TerminalSession([...command.slice(0, -3), 'sh', '-c', 'echo ready; exec sleep 1000']);
  await session.shows('ready');
  session.type('\x03');
  assert.deepEqual(await session.ended, [null, 'SIGINT']);
});
