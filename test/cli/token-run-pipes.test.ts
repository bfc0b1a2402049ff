import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { skip } from '../testing/support.ts';
import { cli } from './run.ts';

const MIB = 1 << 20;
/** 100 MiB in pieces. Each piece is another part of the same random bytes. */
const random = randomFillSync(Buffer.alloc(2 * MIB));
const pieces = Array.from({ length: 100 }, (_, index) => random.subarray(index * 997, index * 997 + MIB));

async function digest(stream: Readable, between: () => Promise<unknown>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) {
    hash.update(chunk as Buffer);
    await between();
  }
  return hash.digest('hex');
}

const expected = createHash('sha256');
for (const piece of pieces) expected.update(piece);
const sum = expected.digest('hex');

const none = async (): Promise<void> => {};
/** Waits long enough for the other side to use up what there is. */
const pause = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await nextTurn();
};

const speeds = [
  ['as fast as it goes', none, none],
  ['from a slow writer', pause, none],
  ['to a slow reader', none, pause],
] as const;

for (const [how, writing, reading] of speeds) {
  test(`100 MiB come through the program's pipes whole, ${how}`, { skip }, async () => {
    // The shell makes real pipes, as users have them. Node would make sockets.
    const command = `cat | "${process.execPath}" "${cli}" token run --cmds map_create -- sh -c 'echo ready >&2; exec cat' | cat`;
    const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const received = digest(child.stdout, reading);
    // From here on, the program waits at an empty pipe.
    await once(child.stderr, 'data');
    const written = pipeline(async function* () {
      for (const piece of pieces) {
        await writing();
        yield piece;
      }
    }, child.stdin);
    await Promise.allSettled([written, received]);
    assert.deepEqual([await received, stderr], [sum, 'ready\n']);
  });
}
