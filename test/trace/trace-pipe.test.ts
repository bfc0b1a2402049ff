// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, call, exit, loadImm64, mov, r0, r1, r2, r3, r10, stx } from '../../src/asm/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { Program } from '../../src/program/index.ts';
import { openDescriptors } from '../../src/sys/index.ts';
import { parseTraceLine, readTracePipe } from '../../src/trace/index.ts';
import { needsRoot, ownTracefs } from '../link/support.ts';
import { runScript } from '../sys/script.ts';

/** Lines of this test, which other lines of the machine do not have. */
const MARK = `t${process.pid}`;

/** A program that prints a text. Formats are ASCII, so the text is an argument. */
function printer(text: string): Program {
  const bytes = Buffer.alloc((Buffer.byteLength(text) + 8) & -8);
  bytes.write(text);
  const store = Array.from({ length: bytes.length / 8 }, (_, at) => [
    loadImm64(r2, bytes.readBigInt64LE(8 * at)),
    stx('u64', r10, 8 * at - bytes.length - 8, r2),
  ]);
  return Program.loadSync({
    type: 'socket_filter',
    license: 'GPL',
    instructions: [
      ...[
        ...store.flat(),
        loadImm64(r2, Buffer.from('%s\0\0\0\0\0\0').readBigInt64LE(0)),
        stx('u64', r10, -8, r2),
      ],
      ...[mov(r1, r10), add(r1, -8), mov(r2, 3), mov(r3, r10), add(r3, -bytes.length - 8)],
      ...[call('trace_printk'), mov(r0, 0), exit()],
    ],
  });
}

const data = new Uint8Array(64);

test('the trace pipe gives what programs print, also before it was opened', needsRoot(), async () => {
  using tracefs = ownTracefs();
  using program = printer(`${MARK} is here`);
  program.testRun({ data, repeat: 3 });
  const lines: string[] = [];
  const before = openDescriptors().length;
  for await (const line of readTracePipe({ tracefs: tracefs.folder })) {
    if (!line.includes(MARK)) continue;
    lines.push(line);
    // Waits for lines that are yet to come.
    if (lines.length >= 3 && lines.length < 6) setImmediate(() => program.testRun({ data }));
    if (lines.length === 6) break;
  }
  for (const line of lines) {
    const parts = parseTraceLine(line);
    assert.equal(parts?.text, `${MARK} is here`);
    assert.equal(parts.event, 'bpf_trace_printk');
  }
  assert.equal(openDescriptors().length, before);
});

test('long and short texts come whole, and no line is empty', needsRoot(), async () => {
  using tracefs = ownTracefs();
  // Each ends with a newline, which makes an empty line. The kernel keeps only a few KiB of lines.
  using program = printer(`${MARK} \u20ac\u{1f41d} end\n`);
  const lines: string[] = [];
  let empty = 0;
  const count = 200;
  const some = 20;
  program.testRun({ data, repeat: some });
  for await (const line of readTracePipe({ tracefs: tracefs.folder })) {
    if (line === '') empty++;
    if (!line.includes(MARK)) continue;
    assert.match(line, /: \S+ \u20ac\u{1f41d} end$/u);
    if (lines.push(line) === count) break;
    if (lines.length % some === 0) program.testRun({ data, repeat: some });
  }
  assert.equal(empty, 0);
});

test('the signal ends it, whether it waits or not', needsRoot(), async () => {
  using tracefs = ownTracefs();
  const before = openDescriptors().length;
  const stop = new AbortController();
  const lines = readTracePipe({ tracefs: tracefs.folder, signal: stop.signal });
  setImmediate(() => stop.abort());
  for await (const line of lines) assert.equal(typeof line, 'string');
  assert.deepEqual(await lines.next(), { done: true, value: undefined });
  for await (const line of readTracePipe({ signal: AbortSignal.abort() })) assert.fail(line);
  assert.equal(openDescriptors().length, before);
});

test('a second reader is refused', needsRoot(), async () => {
  using tracefs = ownTracefs();
  using program = printer(MARK);
  program.testRun({ data });
  const first = readTracePipe({ tracefs: tracefs.folder });
  await first.next();
  try {
    const second = readTracePipe({ tracefs: tracefs.folder, signal: AbortSignal.timeout(1) });
    const error = await second.next().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(BpfError.is(error));
    assert.equal(error.code, 'EBUSY');
    assert.match(
      error.message,
      /^Cannot read the trace pipe: EBUSY: \S+\/trace_pipe is being read already, by this process or another, and has one reader at a time: end the other reader$/,
    );
  } finally {
    await first.return();
  }
});

test(
  'without tracefs, without rights and in other folders it is refused with the reason',
  needsRoot(),
  async () => {
    const outcomes = runScript(
      `
    const { readTracePipe } = await layer('trace');
    const read = (tracefs) => outcome(async () => { await readTracePipe({ tracefs }).next(); });
    const results = [await read(undefined), await read('/etc')];
    sys.mountFileSystem('tracefs', '/sys/kernel/tracing');
    process.setuid(1); // this takes the capabilities too
    print([...results, await read(undefined)]);`,
      { before: ['unshare', '-m', 'sh', '-c', 'umount -a -t tracefs,debugfs 2>/dev/null; exec "$@"', 'sh'] },
    );
    assert.deepEqual(outcomes, [
      'BpfError | ERR_BPF_NO_TRACEFS | Cannot read the trace pipe: it is in tracefs, which is not mounted: mount -t tracefs tracefs /sys/kernel/tracing',
      'BpfError | ENOENT | Cannot read the trace pipe: ENOENT: there is no /etc/trace_pipe: the folder is not a tracefs, or this kernel is built without tracing',
      'BpfError | EACCES | Cannot read the trace pipe: EACCES: only root can read /sys/kernel/tracing/trace_pipe, and users whom the mount options gid= and mode= of tracefs allow',
    ]);
  },
);

test('wrong options are refused at the call', () => {
  assert.throws(() => readTracePipe({ signl: undefined } as never), {
    name: 'TypeError',
    message: 'readTracePipe: unknown option "signl" (did you mean "signal"?)',
  });
  assert.throws(() => readTracePipe({ signal: 1 as never }), {
    name: 'TypeError',
    message: 'readTracePipe: signal must be an AbortSignal, got 1',
  });
  assert.throws(() => readTracePipe({ tracefs: 5 as never }), TypeError);
});
