// depends on: runtime
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { add, exit, jlt, label, mov, r0, r6 } from '../../src/asm/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { needsLoading } from './needs.ts';

/** A loop that the verifier follows round by round: 100,000 instructions to verify. */
const SLOW: ProgramOptions = {
  type: 'socket_filter',
  name: 'slow',
  instructions: [mov(r6, 0), label('again'), add(r6, 1), jlt(r6, 50_000, 'again'), mov(r0, 0), exit()],
};

/** How many turns the event loop makes until `promise` is settled. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let settled = false;
  let turns = 0;
  promise.finally(() => {
    settled = true;
  });
  while (!settled) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  return turns;
}

test('the event loop turns while the kernel verifies', needsLoading(), async () => {
  const loading = Program.load(SLOW);
  // A load on this thread would be done before the first turn. One that waits for such a load would be done after two.
  const turns = await turnsUntil(loading);
  using program = await loading;
  assert.equal(program.info().verifiedInstructions, 100_003);
  assert.ok(turns > 20, `the event loop turned ${turns} times`);
});

test('several programs load at the same time', needsLoading(), async () => {
  const programs = await Promise.all([Program.load(SLOW), Program.load(SLOW), Program.load(SLOW)]);
  assert.equal(new Set(programs.map((program) => program.info().id)).size, 3);
  for (const program of programs) program.close();
});

test('files are read while programs load, however many', needsLoading(), async () => {
  let over = 0;
  const loads = Array.from({ length: 12 }, async () => {
    using program = await Program.load(SLOW);
    over++;
    return program.info().verifiedInstructions;
  });
  await readFile('/proc/self/stat');
  // On Node's own four threads, the file would wait until nine of the loads were over.
  assert.ok(over < 8, `${over} loads were over`);
  assert.deepEqual(await Promise.all(loads), new Array(12).fill(100_003));
});
