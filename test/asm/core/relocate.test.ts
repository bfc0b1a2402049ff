import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encode,
  exit,
  type Instruction,
  label,
  ldx,
  loadImm64,
  mov,
  POISON_HELPER,
  r0,
  r1,
  relocate,
  stx,
} from '../../../src/asm/index.ts';
import { CoreRelocator } from '../../../src/btf/index.ts';
import { RelocationError } from '../../../src/errors/index.ts';
import { relocation, types } from '../../btf/core/kernel.ts';

const local = types((btf) => {
  const u32 = btf.int('u32', 4);
  btf.struct('s', 64, [
    { name: 'here', type: u32, offset: 4 },
    { name: 'gone', type: u32, offset: 8 },
    { name: 'far', type: u32, offset: 12 },
    { name: 'wide', type: u32, offset: 16 },
    { name: 'sign', type: u32, offset: 20 },
  ]);
});
const target = types((btf) => {
  const u32 = btf.int('u32', 4);
  const u64 = btf.int('u64', 8);
  const s64 = btf.int('s64', 8, 'signed');
  btf.struct('s', 80_000, [
    { name: 'here', type: u32, offset: 40 },
    { name: 'far', type: u32, offset: 70_000 },
    { name: 'wide', type: u64, offset: 48 },
    { name: 'sign', type: s64, offset: 56 },
  ]);
});

function on(
  instruction: Instruction,
  access: string,
  kind: Parameters<typeof relocation>[2] = 'field_byte_offset',
) {
  const core = relocation(local, 's', kind, access);
  return relocate([{ ...instruction, core }], new CoreRelocator(local, target));
}

test('offsets and immediates are replaced, and the relocation is done with', () => {
  assert.deepEqual(on(ldx('u32', r0, r1, 4), '0:0').items, [ldx('u32', r0, r1, 40)]);
  assert.deepEqual(on(stx('u32', r1, 4, r0), '0:0').items, [stx('u32', r1, 40, r0)]);
  assert.deepEqual(on(mov(r0, 4), '0:0').items, [mov(r0, 40)]);
  assert.deepEqual(on(mov(r0, 12), '0:2').items, [mov(r0, 70_000)]);
  assert.deepEqual(on(loadImm64(r0, 4), '0:0').items, [loadImm64(r0, 40)]);
});

test('loads and stores become as wide as the field is', () => {
  assert.deepEqual(on(ldx('u32', r0, r1, 16), '0:3').items, [ldx('u64', r0, r1, 48)]);
  assert.deepEqual(on(mov(r0, 16), '0:3').items, [mov(r0, 48)]);
  assert.deepEqual(on(mov(r0, 20), '0:4').items, [mov(r0, 56)]);
});

test('what the kernel has not becomes a call of no helper, slot for slot', () => {
  const call: Instruction = { opcode: 0x85, dst: 0, src: 0, offset: 0, imm: POISON_HELPER };
  const load = on(ldx('u32', r0, r1, 8), '0:1');
  assert.deepEqual(load.items, [call]);
  assert.equal(load.poisoned.length, 1);
  assert.equal(load.poisoned[0]?.index, 0);
  assert.match(load.poisoned[0]?.error().message ?? '', /struct s::gone \(0:1\).*no member "gone"/);
  assert.deepEqual(on(loadImm64(r0, 8), '0:1').items, [call, call]);
  const sign = on(ldx('u32', r0, r1, 20), '0:4');
  assert.deepEqual(sign.items, [call]);
  assert.match(sign.poisoned[0]?.error().message ?? '', /has 8 bytes instead of 4, and only pointers/);
  assert.deepEqual(on(mov(r0, 1), '0:1', 'field_exists').items, [mov(r0, 0)]);
});

test('labels and everything without relocation stay as they are', () => {
  const core = relocation(local, 's', 'field_byte_offset', '0:1');
  const rest = [label('end'), mov(r0, 0), exit()];
  const { items, poisoned } = relocate(
    [{ ...loadImm64(r0, 8), core }, ...rest],
    new CoreRelocator(local, target),
  );
  assert.equal(items.length, 5);
  for (const [i, item] of rest.entries()) assert.equal(items[i + 2], item);
  assert.equal(poisoned.length, 1);
  assert.equal(encode(items).length, 32);
});

test('an instruction that is not the one that was compiled is refused', () => {
  const refused = (instruction: Instruction, access: string, problem: RegExp): void => {
    assert.throws(
      () => on(instruction, access),
      (error) => error instanceof RelocationError && problem.test(error.message),
    );
  };
  refused(ldx('u32', r0, r1, 8), '0:0', /the instruction holds 8, but the object's own types give 4/);
  refused(mov(r0, -4), '0:0', /the instruction holds -4/);
  refused(loadImm64(r0, 5), '0:0', /the instruction holds 5/);
  refused(ldx('u32', r0, r1, 12), '0:2', /offset 70000 is more than a load or store can reach/);
  refused(ldx('u8', r0, r1, 16), '0:3', /accesses 1 bytes of a field of 4/);
  refused(mov(r0, r1), '0:0', /has no immediate/);
  refused(exit(), '0:0', /instruction cannot be relocated/);
  refused({ ...loadImm64(r0, 4), src: 1 }, '0:0', /does not load a constant/);
});

test('what is not a relocator is refused, also if nothing refers to types', () => {
  assert.throws(() => relocate([], undefined as never), {
    name: 'TypeError',
    message: 'relocate: relocator must be a CoreRelocator, got undefined',
  });
});
