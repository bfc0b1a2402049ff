// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VerifierError } from '../../src/errors/index.ts';

function messageOf(log: string): string {
  return new VerifierError('load program "p" (xdp)', { errno: 13, log }).message;
}

test('the message is the reason, the instruction and the number of omitted lines', () => {
  const log = [
    'func#0 @0',
    '0: R1=ctx() R10=fp0',
    '0: (b7) r0 = 1                        ; R0_w=1',
    '1: (79) r0 = *(u64 *)(r3 +0)',
    'R3 !read_ok',
    'processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0',
    '',
  ].join('\n');
  const error = new VerifierError('load program "p" (xdp)', { errno: 13, log });
  assert.equal(
    error.message,
    'Cannot load program "p" (xdp): EACCES: R3 !read_ok, ' +
      'at instruction 1: (79) r0 = *(u64 *)(r3 +0) (4 lines omitted)',
  );
  assert.equal(error.lastLine, 'R3 !read_ok');
  assert.equal(error.instruction, '1: (79) r0 = *(u64 *)(r3 +0)');
  assert.equal(error.log, log);
  assert.equal(error.code, 'EACCES');
});

test('an explanation in two lines is kept together', () => {
  const log = [
    '2: (71) r0 = *(u8 *)(r2 +0)',
    'invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)',
    'R2 offset is outside of the packet',
    'processed 3 insns (limit 1000000)',
  ].join('\n');
  assert.equal(
    messageOf(log),
    'Cannot load program "p" (xdp): EACCES: invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0): ' +
      'R2 offset is outside of the packet, at instruction 2: (71) r0 = *(u8 *)(r2 +0) (1 line omitted)',
  );
});

test('of an endless loop the loop is the reason, not the states it comes back to', () => {
  const log = [
    '7: (c6) if w1 s< 0x5f5e100 goto pc-4',
    'infinite loop detected at insn 4',
    'cur state: R1=scalar() R10=fp0',
    'old state: R1=scalar() R10=fp0',
    'processed 9 insns (limit 1000000)',
  ].join('\n');
  assert.equal(
    messageOf(log),
    'Cannot load program "p" (xdp): EACCES: infinite loop detected at insn 4, ' +
      'at instruction 7: (c6) if w1 s< 0x5f5e100 goto pc-4 (3 lines omitted)',
  );
});

test('register states and source lines are not taken for an explanation', () => {
  for (const state of ['; return *p;', '3: R0=1', 'from 4 to 7: R0=0', 'R0=1 R10=fp0', 'frame1: R1=-5']) {
    assert.equal(messageOf(`${state}\nunreachable insn 3\n`).includes(state), false, state);
  }
});

test('short and empty logs', () => {
  assert.equal(
    messageOf('unreachable insn 3\n'),
    'Cannot load program "p" (xdp): EACCES: unreachable insn 3',
  );
  assert.equal(messageOf(''), 'Cannot load program "p" (xdp): EACCES: the verifier left no log');
  assert.match(
    messageOf('processed 0 insns (limit 1000000)\n'),
    /EACCES: the verifier left no log \(1 line omitted\)$/,
  );
});

test('a BTF log: the type and member, or what is wrong with the header', () => {
  const members =
    '[1] INT int size=4\n[2] STRUCT x size=4 vlen=2\n\tb type_id=1\n\ta b type_id=1 Invalid name\n';
  assert.equal(
    messageOf(members),
    'Cannot load program "p" (xdp): EACCES: [2] STRUCT x size=4 vlen=2: a b type_id=1 Invalid name (2 lines omitted)',
  );
  assert.match(
    messageOf('hdr_len: 24\nmagic: 0xeb9f\nInvalid section offset\n'),
    /EACCES: Invalid section offset/,
  );
});
