// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, NotSupportedError } from '../../src/errors/index.ts';
import { kernelEnumHas } from '../../src/sys/index.ts';
import { runWithToken } from '../../src/testing/index.ts';
import { needsRoot } from '../needs.ts';
import { endless, needsStreams, noStreams, printer, quiet } from './stream-support.ts';

const options = needsStreams();
const data = new Uint8Array(64);

test('what a program prints is read from its streams', options, () => {
  using program = printer([1, 'out \u20ac\n'], [2, 'error '], [1, 'more']);
  const { stdout, stderr } = program.streams;
  assert.equal(program.streams.stdout, stdout);
  assert.equal(stdout.read(), '');
  program.testRun({ data });
  assert.equal(stdout.read(), 'out \u20ac\nmore');
  assert.equal(stdout.read(), '', 'what was read is gone');
  program.testRun({ data });
  assert.equal(stderr.read(), 'error error ');
});

test('everything that fits is read at once, and programs learn what does not fit', options, () => {
  const text = '\u{1f41d}'.repeat(60);
  using program = printer([1, text]);
  const count = Math.floor((100_000 - 1) / Buffer.byteLength(text));
  assert.equal(program.testRun({ data, repeat: count }).returnValue, 0);
  assert.equal(program.testRun({ data }).returnValue | 0, -28);
  assert.equal(program.streams.stdout.read(), text.repeat(count));
});

test('the kernel reports loops that it has ended', options, (t) => {
  using program = endless();
  program.testRun({ data });
  const text = program.streams.stderr.read();
  if (text === '') return t.skip('the loops of this kernel have no time limit');
  assert.match(text, /^ERROR: Timeout detected for may_goto instruction\nCPU: \d+ UID: 0 PID: \d+ Comm: /);
});

test('text comes in pieces until the program is closed', options, async () => {
  using program = printer([1, 'a\nb']);
  const pieces: string[] = [];
  program.testRun({ data });
  for await (const text of program.streams.stdout) {
    pieces.push(text);
    if (pieces.length === 3) program.close();
    else setImmediate(() => program.testRun({ data }));
  }
  assert.deepEqual(pieces, ['a\nb', 'a\nb', 'a\nb']);
});

test('lines come whole, and at the end also the last one', options, async () => {
  using program = printer([2, 'a\nb']);
  const stop = new AbortController();
  const lines: string[] = [];
  program.testRun({ data });
  for await (const line of program.streams.stderr.lines({ interval: 1, signal: stop.signal })) {
    lines.push(line);
    if (lines.length === 1) setImmediate(() => program.testRun({ data }));
    if (lines.length === 2) stop.abort();
  }
  assert.deepEqual(lines, ['a', 'ba', 'b']);
});

const hasStreams = (): boolean => kernelEnumHas('bpf_cmd', 37) === true;
/** For tests that only read. */
const readable = { skip: needsRoot().skip || (!hasStreams() && 'this kernel has no streams of programs') };

test('the signal ends the waiting at once', readable, async () => {
  using program = quiet();
  assert.equal(program.streams.stderr.read(), '');
  const stop = new AbortController();
  const next = program.streams.stdout.follow({ interval: 0x7fff_ffff, signal: stop.signal }).next();
  stop.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
  for await (const text of program.streams.stdout.follow({ signal: stop.signal })) assert.fail(text);
});

test('a closed program has nothing to read', needsRoot(), async () => {
  const program = quiet();
  const { stdout } = program.streams;
  program.close();
  assert.throws(() => stdout.read(), ClosedError);
  assert.throws(() => program.streams.stdout.read(), ClosedError);
  await assert.rejects(stdout.follow().next(), ClosedError);
});

test('wrong options are refused at the call', needsRoot(), () => {
  using program = quiet();
  const { stdout } = program.streams;
  assert.throws(() => stdout.follow({ intervall: 1 } as never), {
    name: 'TypeError',
    message: 'follow: unknown option "intervall" (did you mean "interval"?)',
  });
  assert.throws(() => stdout.lines({ interval: 0 }), {
    name: 'RangeError',
    message: 'lines: interval must be an integer from 1 to 2147483647, got 0',
  });
  assert.throws(() => stdout.lines({ signal: 1 as never }), TypeError);
});

test('a kernel without streams says since when there are some', needsRoot(), () => {
  using program = quiet();
  if (hasStreams()) return assert.equal(program.streams.stderr.read(), '');
  assert.throws(
    () => program.streams.stderr.read(),
    (error: unknown) => {
      assert.ok(NotSupportedError.is(error));
      assert.equal(error.since, '6.17');
      assert.equal(
        error.message,
        'Cannot read stderr of program "prints": this kernel has no streams of programs: they came with Linux 6.17',
      );
      return true;
    },
  );
});

test('streams under a token', async (t) => {
  const delegation = {
    cmds: ['map_create', 'prog_load'],
    maps: ['array'],
    progs: ['sched_cls'],
    attachs: ['cgroup_inet_ingress'],
  } as const;
  await runWithToken(
    t,
    'are read through the descriptor',
    delegation,
    (t) => {
      const reason = noStreams();
      if (reason !== false) return t.skip(reason);
      using program = printer([1, 'from a container\n']);
      program.testRun({ data });
      assert.equal(program.streams.stdout.read(), 'from a container\n');
    },
    { capabilities: ['net_admin', 'perfmon'] },
  );
});
