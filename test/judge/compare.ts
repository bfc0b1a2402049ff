/** Compares how this library and libbpf relocate the programs of an object. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decode, type Instruction, relocate } from '../../src/asm/index.ts';
import { BtfTypes, CoreRelocator } from '../../src/btf/index.ts';
import { CollectionSpec } from '../../src/collection/index.ts';
import { RelocationError } from '../../src/errors/index.ts';
import type { JudgedProgram } from './judge.ts';

/** A program after relocation, or the error. */
export interface OurProgram {
  readonly name: string;
  readonly instructions: readonly Instruction[];
  readonly error?: RelocationError;
  /** The errors that the poisoned instructions stand for. */
  readonly poisoned: readonly string[];
}

/** Relocates each program of an object on its own. */
export function relocatePrograms(spec: CollectionSpec, target: BtfTypes): OurProgram[] {
  const { btf } = spec;
  assert.ok(btf !== undefined);
  return Object.values(spec.programs).map(({ name, instructions }) => {
    try {
      const { items, poisoned } = relocate(instructions, new CoreRelocator(btf, target));
      return { name, instructions: items, poisoned: poisoned.map(({ error }) => error().message) };
    } catch (error) {
      if (!(error instanceof RelocationError)) throw error;
      return { name, instructions: [], error, poisoned: [] };
    }
  });
}

/** The parts of an instruction that relocation decides, without descriptors and distances to other functions. */
function comparable(instruction: Instruction, like: Instruction): object {
  const { opcode, dst, src, offset, imm, high } = instruction;
  if (like.map !== undefined || like.extern !== undefined || like.target !== undefined)
    return { opcode, dst };
  return { opcode, dst, src, offset, imm, high };
}

/** Fails if the two differ: in an instruction, or in whether there is an error. */
export function assertSame(
  ours: readonly OurProgram[],
  theirs: readonly JudgedProgram[],
  what: string,
): void {
  assert.deepEqual(ours.map(({ name }) => name).sort(), theirs.map(({ name }) => name).sort());
  for (const { name, code, error } of theirs) {
    const own = ours.find((program) => program.name === name);
    assert.ok(own !== undefined);
    const where = `${what}, program ${name}`;
    assert.equal(
      own.error?.message === undefined,
      error === undefined,
      `${where}: ${own.error?.message} / ${error}`,
    );
    const judged = decode(Buffer.from(code ?? '', 'hex'));
    for (const [i, instruction] of own.instructions.entries()) {
      const other = judged[i];
      assert.ok(other !== undefined, `${where}: instruction ${i} is missing there`);
      assert.deepEqual(
        comparable(instruction, instruction),
        comparable(other, instruction),
        `${where}, instruction ${i}`,
      );
    }
  }
}

/** Reads the spec of an object file, and the types of a kernel. */
export function read(object: string, btf: string): { spec: CollectionSpec; target: BtfTypes } {
  return {
    spec: CollectionSpec.parse(new Uint8Array(readFileSync(object)), { file: object }),
    target: BtfTypes.parse(new Uint8Array(readFileSync(btf)), { file: btf }),
  };
}
