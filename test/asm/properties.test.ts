import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as asm from '../../src/asm/index.ts';
import { FormatError } from '../../src/errors/index.ts';

const s32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const byteOrder = fc.constantFrom<asm.ByteOrder>('little', 'big');
const fields = {
  opcode: fc.integer({ min: 0, max: 255 }),
  dst: fc.integer({ min: 0, max: 15 }),
  src: fc.integer({ min: 0, max: 15 }),
  offset: fc.integer({ min: -32768, max: 32767 }),
  imm: s32,
};
const narrow = fc
  .record(fields, { noNullPrototype: true })
  .filter(({ opcode }) => opcode !== asm.opcode.LD_IMM64);
const wide = fc.record(
  { ...fields, opcode: fc.constant(asm.opcode.LD_IMM64), high: s32 },
  { noNullPrototype: true },
);
const instruction: fc.Arbitrary<asm.Instruction> = fc.oneof({ weight: 4, arbitrary: narrow }, wide);

test('what is encoded decodes to the same instructions', () => {
  fc.assert(
    fc.property(fc.array(instruction), byteOrder, (instructions, order) => {
      const bytes = asm.encode(instructions, { byteOrder: order });
      assert.deepEqual(asm.decode(bytes, { byteOrder: order }), instructions);
    }),
  );
});

test('any bytes either decode, print and encode to themselves, or are a FormatError', () => {
  const slot = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const wideFirst = slot.map((bytes) => Uint8Array.from([asm.opcode.LD_IMM64, ...bytes.subarray(1)]));
  const slots = fc.array(fc.oneof(slot, wideFirst, fc.constant(new Uint8Array(8))));
  const words = slots.map((parts) => new Uint8Array(Buffer.concat(parts)));
  fc.assert(
    fc.property(fc.oneof(words, fc.uint8Array()), byteOrder, (bytes, order) => {
      let instructions: asm.Instruction[];
      try {
        instructions = asm.decode(bytes, { byteOrder: order });
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        return;
      }
      assert.equal(asm.disassemble(instructions).split('\n').length, Math.max(instructions.length, 1));
      for (const one of instructions) assert.doesNotMatch(asm.mnemonic(one), /undefined/);
      assert.deepEqual(asm.encode(instructions, { byteOrder: order }), bytes);
    }),
  );
});

test('broken input names its place', () => {
  const wideBytes = asm.encode([asm.exit(), asm.loadImm64(asm.r1, 1)], { byteOrder: 'little' });
  assert.throws(
    () => asm.decode(wideBytes.subarray(0, 16), { section: 'xdp' }),
    (error) =>
      error instanceof FormatError &&
      error.offset === 8 &&
      error.message === 'xdp, offset 8: the second half of a 64-bit immediate load is missing',
  );
  wideBytes[18] = 1;
  assert.throws(
    () => asm.decode(wideBytes),
    (error) => error instanceof FormatError && error.offset === 16 && /not empty/.test(error.message),
  );
  assert.throws(() => asm.decode(new Uint8Array(9)), /9 bytes are not a whole number/);
});
