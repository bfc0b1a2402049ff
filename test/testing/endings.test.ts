// depends on: runtime
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { type FixtureRun, runFixture, startFixture } from './run-fixture.ts';
import { parentOf, processesWith, skip } from './support.ts';

/**
 * Long enough for a test to be reached on this machine, but no longer, because the run waits that long for tests that
 * hang.
 */
const LIMIT = Math.max(4000, Math.ceil(performance.now()) * 8);
const AGES = 1_000_000;

/** A mark for each run. Everything the run starts has it in the environment, so that what is left can be found. */
const marks = new Map<string, string>();

function environment(name: string, only?: string, limit = LIMIT): NodeJS.ProcessEnv {
  const mark = `EBPF_TS_ENDING=${process.pid}-${marks.size}`;
  marks.set(name, mark);
  return {
    ...{ HOST_NAMESPACE: readlinkSync('/proc/self/ns/user') },
    ...{ EBPF_TS_ENDING: mark.split('=')[1] ?? '', LIMIT: String(limit) },
    ...(only === undefined ? {} : { ONLY: only }),
  };
}

const left = (name: string): number[] => processesWith(marks.get(name) ?? assert.fail());

function failure(
  run: FixtureRun,
  name: string,
): { message: string; cause?: { name: string; message: string } } {
  const { error } = run.result('outer', name);
  assert.equal(error?.properties.code, 'ERR_BPF_TEST_PROCESS', error?.inspected);
  return error;
}

test('a test that does not come to its end fails, and leaves nothing', { skip }, async (t) => {
  const run = await runFixture('endings.js', { env: environment('all') });
  const expected: [string, RegExp][] = [
    ['exits with 0', /^Cannot finish test "outer > exits with 0" .* exited with status 0 .*process\.exit/],
    ['exits with 3', /exited with status 3 before the test was over/],
    ['kills itself', /killed by SIGKILL before the test was over$/],
    ['kills its supervisor', /killed by SIGKILL|status 125/],
    ['aborts', /killed by SIGABRT before the test was over$/],
    ['hangs', /^Cannot finish test "outer > hangs" .* it took longer than \d+ ms: everything .* killed$/],
    ['hangs busily', /took longer than \d+ ms/],
  ];
  for (const [name, message] of expected) {
    await t.test(name, () => assert.match(failure(run, name).message, message));
  }
  await t.test('what does not stop it from ending is no failure', () => {
    assert.equal(run.result('outer', 'hangs in a worker').outcome, 'pass');
    assert.equal(run.result('outer', 'leaves processes').outcome, 'pass');
  });
  await t.test('nothing is left', () => assert.deepEqual(left('all'), []));
});

test('a test that is not reached says why', { skip, concurrency: 2 }, async (t) => {
  const expected: [string, RegExp, string?][] = [
    ['throws at load', /^Cannot load .*endings\.js for test .*: it threw: thrown at load$/, 'TypeError'],
    ['exits at load', /^Cannot reach .* exited with status 5 while .*endings\.js was loading$/],
    ['hangs at load', /^Cannot finish .* reaching it took longer than \d+ ms/],
    ['fails before', /the enclosing test "outer" failed first: failed before$/, 'RangeError'],
    ['is missing', /^Cannot find test "outer > any" .* run again, did not call it: .* unchanged$/],
  ];
  await Promise.all(
    expected.map(([only, message, cause]) =>
      t.test(only, async () => {
        const limit = only === 'hangs at load' ? LIMIT : AGES;
        const run = await runFixture('endings.js', { env: environment(only, only, limit) });
        const error = failure(run, 'any');
        assert.match(error.message, message);
        assert.equal(error.cause?.name, cause);
        assert.deepEqual(left(only), []);
      }),
    ),
  );
});

test('whichever process is killed, nothing is left', { skip, concurrency: 2 }, async (t) => {
  interface Run {
    readonly first: number;
    readonly front: number;
    readonly supervisor: number;
    readonly child: number;
  }
  const victims: Record<string, (run: Run) => number[]> = {
    'the test process': ({ first }) => [first],
    'the front of the helper': ({ front }) => [front],
    'the supervisor': ({ supervisor }) => [supervisor],
    'the process under the token': ({ child }) => [child],
    'the test process and the front': ({ first, front }) => [first, front],
    'the whole process group': ({ first }) => [-first],
  };
  for (const [victim, pick] of Object.entries(victims)) {
    await t.test(victim, async () => {
      const child = startFixture('endings.js', { env: environment(victim, 'hangs', AGES), detached: true });
      const closed = new Promise((resolve) => child.once('close', resolve));
      (child.stdio[3] as Readable).resume();
      let output = '';
      const started = await new Promise<string>((resolve) =>
        child.stdout?.on('data', (chunk) => {
          output += chunk;
          const [, pid] = /^STARTED hangs (\d+)$/m.exec(output) ?? [];
          if (pid !== undefined) resolve(pid);
        }),
      );
      // Uses the parents, because the order of pids says nothing: after the highest pid they start again.
      const supervisor = parentOf(Number(started));
      const run = { first: child.pid ?? 0, front: parentOf(supervisor), supervisor, child: Number(started) };
      assert.equal(parentOf(run.front), run.first);
      for (const pid of pick(run)) process.kill(pid, 'SIGKILL');
      await closed;
      // The end of stdout means that no process has it open any more. The last one may still be a zombie.
      while (left(victim).length > 0) await new Promise(setImmediate);
    });
  }
});
