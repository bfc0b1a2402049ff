// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { r0, r1, r2, r3 } from '../../src/asm/index.ts';
import { BpfError, NotSupportedError } from '../../src/errors/index.ts';
import { Program } from '../../src/program/index.ts';
import { needsLoading } from './needs.ts';

const HOST_LITTLE = asm.hostByteOrder === 'little';

/** An Ethernet frame. Byte `i` has the value `i`. */
const frame = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

test('the return value, unsigned, and the duration', needsLoading(), () => {
  using program = Program.loadSync({ type: 'socket_filter', instructions: [asm.mov(r0, -2), asm.exit()] });
  const result = program.testRun({ data: frame(64), repeat: 100 });
  assert.equal(result.returnValue, 0xffff_fffe);
  assert.equal(typeof result.duration, 'number');
  assert.equal(result.context.length, 0);
});

/** XDP: writes 0xab over the first byte of the packet, if there is one. */
const OVERWRITE = [
  asm.ldx('u32', r2, r1, 0),
  asm.ldx('u32', r3, r1, 4),
  asm.mov(r0, r2),
  asm.add(r0, 1),
  asm.jgt(r0, r3, 'out'),
  asm.st('u8', r2, 0, 0xab),
  asm.label('out'),
  asm.mov(r0, 2),
  asm.exit(),
];

test('the packet afterwards', needsLoading(), () => {
  using program = Program.loadSync({ type: 'xdp', instructions: OVERWRITE });
  const data = frame(60);
  const result = program.testRun({ data });
  assert.equal(result.returnValue, 2);
  assert.deepEqual([...result.data], [0xab, ...frame(60).subarray(1)]);
  assert.equal(data[0], 0, "the caller's packet is left alone");
});

test('a packet that grows, with room and without', needsLoading(), () => {
  const grow = [asm.mov(r2, 100), asm.call('xdp_adjust_tail'), asm.mov(r0, 2), asm.exit()];
  using program = Program.loadSync({ type: 'xdp', instructions: grow });
  assert.equal(program.testRun({ data: frame(60) }).data.length, 160);
  assert.throws(
    () => program.testRun({ data: frame(60), dataSize: 64 }),
    (error) => BpfError.is(error) && error.code === 'ENOSPC' && /160 bytes; set dataSize/.test(error.message),
  );
});

test('the context in and out', needsLoading(), () => {
  // A test run takes and returns some fields of the context. __sk_buff.mark, at offset 8, is one of them.
  const instructions = [
    asm.ldx('u32', r0, r1, 8),
    asm.mov(r2, r0),
    asm.add(r2, 1),
    asm.stx('u32', r1, 8, r2),
    asm.exit(),
  ];
  using program = Program.loadSync({ type: 'sched_cls', instructions });
  const context = new Uint8Array(192);
  new DataView(context.buffer).setUint32(8, 41, HOST_LITTLE);
  const result = program.testRun({ data: frame(64), context });
  assert.equal(result.returnValue, 41);
  assert.equal(new DataView(result.context.buffer, result.context.byteOffset).getUint32(8, HOST_LITTLE), 42);
  assert.equal(
    new DataView(context.buffer).getUint32(8, HOST_LITTLE),
    41,
    "the caller's context is left alone",
  );
});

test('programs of type syscall give back the context they wrote to', needsLoading(), () => {
  const instructions = [asm.mov(r2, 7), asm.stx('u32', r1, 0, r2), asm.mov(r0, 3), asm.exit()];
  using program = Program.loadSync({ type: 'syscall', flags: ['sleepable'], instructions });
  const result = program.testRun({ context: new Uint8Array(8) });
  assert.equal(result.returnValue, 3);
  assert.equal(new DataView(result.context.buffer).getUint32(0, HOST_LITTLE), 7);
});

test('raw tracepoints take a context and give none back', needsLoading(), () => {
  const instructions = [asm.ldx('u64', r0, r1, 0), asm.exit()];
  using program = Program.loadSync({ type: 'raw_tracepoint', instructions });
  const context = new Uint8Array(16);
  new DataView(context.buffer).setUint32(HOST_LITTLE ? 0 : 4, 9, HOST_LITTLE);
  const result = program.testRun({ context });
  assert.equal(result.returnValue, 9);
  assert.equal(result.context.length, 0);
});

test('what cannot be tested says so', needsLoading(), () => {
  using filter = Program.loadSync({ type: 'socket_filter', instructions: [asm.mov(r0, 0), asm.exit()] });
  assert.throws(
    () => filter.testRun({ data: frame(4) }),
    (error) => BpfError.is(error) && error.code === 'EINVAL' && error.command === 'prog_test_run',
  );
  assert.throws(() => filter.testRun({ datas: frame(64) } as never), /unknown option "datas" .*"data"/);
  using cgroup = Program.loadSync({
    type: 'cgroup_device',
    instructions: [asm.mov(r0, 1), asm.exit()],
  });
  assert.throws(
    () => cgroup.testRun(),
    (error) => error instanceof NotSupportedError && error.errno === 524,
  );
});

test('a run that the kernel refuses says what its type needs', needsLoading(), () => {
  using filter = Program.loadSync({ type: 'socket_filter', instructions: [asm.mov(r0, 0), asm.exit()] });
  const least = (found: string) => ({
    code: 'EINVAL',
    message: new RegExp(`a test run of type socket_filter needs at least 14 bytes of data, ${found}$`),
  });
  assert.throws(() => filter.testRun(), least('and there are none'));
  assert.throws(() => filter.testRun({ data: frame(13) }), least('not 13'));
  assert.throws(() => filter.testRun({ data: frame(60), cpu: 99 }), {
    message: /cannot choose the CPU: leave out cpu$/,
  });
  assert.throws(() => filter.testRun({ data: frame(60), batchSize: 9 }), { message: /flag xdp_live_frames/ });
  using raw = Program.loadSync({ type: 'raw_tracepoint', instructions: [asm.mov(r0, 0), asm.exit()] });
  assert.throws(() => raw.testRun({ data: frame(60) }), { message: /takes a context and no data$/ });
  assert.throws(() => raw.testRun({ cpu: 99 }), { message: /needs the flag run_on_cpu$/ });
  assert.throws(() => raw.testRun({ cpu: 9999, flags: ['run_on_cpu'] }), {
    message: /CPU 9999 is not online: these are: 0/,
  });
});
