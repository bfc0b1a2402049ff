// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { r0, r1, r2 } from '../../src/asm/index.ts';
import { BpfError, ClosedError, TokenError, VerifierError } from '../../src/errors/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { bpf, Fd, openDescriptors } from '../../src/sys/index.ts';
import { needsLoading } from './needs.ts';

const RETURN_7 = [asm.mov(r0, 7), asm.exit()];
const UNREADABLE = [asm.mov(r0, r2), asm.exit()];

/** Calls of a helper, each of which adds a line to the log, and a mistake at the end. */
function longFailure(calls: number): asm.AsmItem[] {
  return [...Array.from({ length: calls }, () => asm.call('get_prandom_u32')), ...UNREADABLE];
}

function refusal(options: ProgramOptions): Error {
  try {
    Program.loadSync(options).close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new assert.AssertionError({ message: 'the program loaded' });
}

async function refusalAsync(options: ProgramOptions): Promise<Error> {
  try {
    (await Program.load(options)).close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new assert.AssertionError({ message: 'the program loaded' });
}

test('programs load both ways and close', needsLoading(), async () => {
  const options: ProgramOptions = { type: 'socket_filter', name: 'seven', instructions: RETURN_7 };
  for (const program of [Program.loadSync(options), await Program.load(options)]) {
    assert.equal(program.name, 'seven');
    assert.equal(program.type, 'socket_filter');
    assert.equal(program.log, '');
    assert.equal(program.info().name, 'seven');
    program.close();
    program.close();
    assert.equal(program.closed, true);
    assert.throws(() => program.info(), ClosedError);
    assert.throws(() => program.testRun({ data: new Uint8Array(64) }), ClosedError);
    assert.throws(() => program.instructions(), ClosedError);
  }
});

test('encoded instructions load as well', needsLoading(), () => {
  using program = Program.loadSync({ type: 'socket_filter', instructions: asm.encode(RETURN_7) });
  assert.equal(program.info().verifiedInstructions, 2);
});

test('wrong options are argument mistakes, found before any call', async () => {
  const base: ProgramOptions = { type: 'socket_filter', instructions: RETURN_7 };
  const wrong = (change: object, message: RegExp): void => {
    assert.throws(() => Program.loadSync({ ...base, ...change }), message);
  };
  wrong(
    { licence: 'GPL' },
    /^TypeError: Program.load: unknown option "licence" \(did you mean "license"\?\)$/,
  );
  wrong(
    { type: 'socket_filtre' },
    /^TypeError: Unknown program type "socket_filtre" \(did you mean "socket_filter"/,
  );
  wrong({ attachType: 'nowhere' }, /^TypeError: Unknown attach type/);
  wrong({ name: 'my program' }, /^TypeError: Program.load: name "my program" .*"my_program"/);
  wrong({ instructions: [] }, /^RangeError: instructions: 0 bytes/);
  wrong({ instructions: new Uint8Array(9) }, /^RangeError: instructions: 9 bytes/);
  wrong({ instructions: [asm.ja('x')] }, /^TypeError: Cannot encode instruction 0 \(ja\)/);
  wrong(
    { instructions: [asm.loadMap(r1, 'm')], maps: { n: { name: 'n', fd: { value: 9 } } } },
    /map "m" is not among the maps given/,
  );
  wrong({ logSize: 1 }, /^RangeError: .*logSize .* got 1$/);
  wrong({ logLevel: 99 }, /^RangeError: .*logLevel .* got 99$/);
  wrong({ lineInfo: { recordSize: 16, bytes: new Uint8Array(17) } }, /^RangeError: line_info: 17 bytes/);
  wrong({ license: 'GPL\0' }, /^TypeError: license/);
  await assert.rejects(Program.load({ ...base, name: '-' }), TypeError);
});

test('a name beyond 15 characters is kept whole here and cut for the kernel', needsLoading(), () => {
  using program = Program.loadSync({
    type: 'socket_filter',
    name: 'count_packets_per_protocol',
    instructions: RETURN_7,
  });
  assert.equal(program.name, 'count_packets_per_protocol');
  assert.equal(program.info().name, 'count_packets_p');
});

test('what the verifier refuses is a VerifierError with the log', needsLoading(), async () => {
  const options: ProgramOptions = { type: 'socket_filter', name: 'bad', instructions: UNREADABLE };
  for (const error of [refusal(options), await refusalAsync(options)]) {
    assert.ok(error instanceof VerifierError);
    assert.match(
      error.message,
      /^Cannot load program "bad" \(socket_filter\): EACCES: R2 !read_ok, at instruction 0: \(bf\) r0 = r2 \(\d+ lines omitted\)$/,
    );
    assert.equal(error.lastLine, 'R2 !read_ok');
    assert.match(error.log, /^processed \d+ insns/m);
    assert.equal(error.truncated, false);
    assert.equal(error.command, 'prog_load');
  }
});

test('a helper that the type or licence forbids is named', needsLoading(), () => {
  const call = (helper: Parameters<typeof asm.call>[0], license = ''): VerifierError => {
    const instructions = [asm.call(helper), asm.mov(r0, 0), asm.exit()];
    const error = refusal({ type: 'socket_filter', instructions, license });
    assert.ok(error instanceof VerifierError);
    return error;
  };
  assert.match(call('xdp_adjust_head').message, /bpf_xdp_adjust_head#44/);
  assert.match(call('perf_event_output').message, /GPL.*bpf_perf_event_output#25/);
  // With a GPL-compatible licence, only the missing arguments are wrong.
  assert.doesNotMatch(call('perf_event_output', 'Dual MIT/GPL').message, /GPL.*#25/);
  using program = Program.loadSync({
    type: 'socket_filter',
    instructions: RETURN_7,
    license: 'Dual MIT/GPL',
  });
  assert.equal(program.info().gplCompatible, true);
});

test('a refusal that is not the verifier’s says so', needsLoading(), async () => {
  const options: ProgramOptions = {
    type: 'cgroup_sock_addr',
    attachType: 'cgroup_inet_ingress',
    name: 'elsewhere',
    instructions: RETURN_7,
  };
  for (const error of [refusal(options), await refusalAsync(options)]) {
    assert.ok(BpfError.is(error) && !(error instanceof VerifierError));
    assert.equal(error.code, 'EINVAL');
    assert.equal(
      error.message,
      'Cannot load program "elsewhere" (cgroup_sock_addr): EINVAL: the verifier was not reached: this kernel is built ' +
        'without programs of type cgroup_sock_addr, or does not accept this attach type, attach target or these flags for them',
    );
  }
});

test('the log grows until it fits', needsLoading(), async () => {
  const instructions = longFailure(2000);
  const options: ProgramOptions = { type: 'socket_filter', instructions };
  for (const error of [refusal(options), await refusalAsync({ ...options, logSize: 128 })]) {
    assert.ok(error instanceof VerifierError);
    assert.ok(error.log.length > 64 * 1024, `log of ${error.log.length} bytes`);
    assert.equal(error.code, 'EACCES');
    assert.equal(error.truncated, false);
    assert.match(error.log, /^0: R1=ctx/);
    assert.match(error.message, /R2 !read_ok, at instruction 2000: \(bf\) r0 = r2/);
  }
});

test('a log asked for grows too, and does not make a good program fail', needsLoading(), () => {
  const instructions = [...longFailure(2000).slice(0, -2), asm.mov(r0, 0), asm.exit()];
  using program = Program.loadSync({ type: 'socket_filter', instructions, logLevel: 2, logSize: 4096 });
  assert.ok(program.log.length > 64 * 1024);
  assert.match(program.log, /^2001: \(95\) exit/m);
});

test('missing permission is no VerifierError, and says what to do', (t) => {
  if (process.getuid?.() === 0) {
    // On some kernels even root may not trace functions. The kernel then refuses before the verifier says anything.
    const error = refusal({
      type: 'tracing',
      attachType: 'trace_fentry',
      attachBtfId: 1,
      instructions: RETURN_7,
    });
    if (error instanceof VerifierError) return t.skip('this kernel lets root trace functions');
    assert.ok(error instanceof TokenError, String(error));
    assert.equal(error.code, 'EPERM');
    return;
  }
  const error = refusal({ type: 'xdp', instructions: RETURN_7 });
  assert.ok(BpfError.is(error) && !(error instanceof VerifierError));
});

test('nothing stays open after failures', needsLoading(), async () => {
  const before = openDescriptors().length;
  const options: ProgramOptions = { type: 'socket_filter', instructions: UNREADABLE };
  refusal(options);
  await Promise.all([refusalAsync(options), refusalAsync(options), refusalAsync(options)]);
  assert.equal(openDescriptors().length, before);
});

/** Creates an array map with one 8-byte value, without the map layer. */
function arrayMap(): { name: string; fd: Fd } {
  const attr = { map_type: 2, key_size: 4, value_size: 8, max_entries: 1, map_name: 'cell' };
  return { name: 'cell', fd: Fd.adopt(bpf('map_create', attr), 'map "cell"') };
}

/** Instructions that add 5 to the map's value and return it. */
function adder(map: asm.MapReference): asm.AsmItem[] {
  return [
    asm.loadMapValue(r1, map, 0),
    asm.mov(r2, 5),
    asm.atomicAdd('u64', r1, 0, r2),
    asm.ldx('u32', r0, r1, 0),
    asm.exit(),
  ];
}

test('maps are referred to as objects and by name', needsLoading(), async () => {
  const map = arrayMap();
  using byObject = Program.loadSync({ type: 'socket_filter', instructions: adder(map) });
  using byName = await Program.load({
    type: 'socket_filter',
    instructions: adder('cell'),
    maps: { cell: map },
  });
  assert.equal(byObject.testRun({ data: new Uint8Array(64) }).returnValue, 5);
  assert.equal(byName.testRun({ data: new Uint8Array(64) }).returnValue, 10);
  assert.equal(byName.info().mapIds.length, 1);
  assert.deepEqual(byName.info().mapIds, byObject.info().mapIds);
  map.fd.close();
  assert.throws(() => Program.loadSync({ type: 'socket_filter', instructions: adder(map) }), ClosedError);
});

test('a map may be closed while the program that uses it is loading', needsLoading(), async () => {
  const map = arrayMap();
  const loading = Program.load({ type: 'socket_filter', instructions: adder(map) });
  map.fd.close();
  // This most likely gets the number of the closed descriptor.
  using other = Fd.adopt(
    bpf('map_create', { map_type: 1, key_size: 4, value_size: 4, max_entries: 1 }),
    'other',
  );
  assert.equal(other.closed, false);
  using program = await loading;
  assert.equal(program.testRun({ data: new Uint8Array(64) }).returnValue, 5);
});

test('encoded instructions may be overwritten while they are loading', needsLoading(), async () => {
  const instructions = Buffer.from(asm.encode(RETURN_7));
  const loading = Program.load({ type: 'socket_filter', instructions });
  instructions.fill(0xff);
  using program = await loading;
  assert.equal(program.testRun({ data: new Uint8Array(64) }).returnValue, 7);
});
