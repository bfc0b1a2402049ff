/**
 * Objects for big-endian machines. libbpf opens objects of the other byte order but does not relocate them. So there
 * are two other judges: clang, whose instructions are right for the object's own types, and the same object for
 * little-endian machines, which other tests compare with libbpf.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Instruction, relocate } from '../../../src/asm/index.ts';
import { BtfTypes, type CoreRelocation, CoreRelocator } from '../../../src/btf/index.ts';
import { CollectionSpec, type ProgramSpec } from '../../../src/collection/index.ts';
import { RelocationError } from '../../../src/errors/index.ts';
import { fixture, fixtures } from '../../collection/fixture.ts';
import { changes, madeUpKernel } from '../../judge/made-up-kernel.ts';

const names = fixtures().filter((name) => /^core-.*\.eb\./.test(name));

function load(name: string): { readonly spec: CollectionSpec; readonly btf: BtfTypes } {
  const spec = CollectionSpec.loadSync(fixture(name));
  if (spec.btf === undefined) throw new Error(`${name} has no BTF`);
  return { spec, btf: spec.btf };
}

/** The number that a relocation is about. */
function numberIn({ opcode, offset, imm, high }: Instruction): bigint {
  const isMemory = [1, 2, 3].includes(opcode & 7);
  return isMemory ? BigInt(offset) : (BigInt(high ?? 0) << 32n) | BigInt(imm >>> 0);
}

/** The same for all relocations of one field. Together they say where a bit field is. */
const fieldOf = ({ typeId, access }: CoreRelocation): string => `${typeId} ${access}`;

/** The fields that are read as bit fields: those that have a relocation for a shift. */
function bitFields({ instructions }: ProgramSpec): Set<string> {
  const shifted = instructions.flatMap(({ core }) => (core?.kind === 'field_lshift_u64' ? [core] : []));
  return new Set(shifted.map(fieldOf));
}

/** Where the bit fields are: the first bit and the number of bits, counted as on big-endian machines. */
function places(
  relocations: readonly CoreRelocation[],
  instructions: readonly Instruction[],
): Map<string, string> {
  const parts = new Map<string, Map<unknown, number>>();
  for (const [i, relocation] of relocations.entries()) {
    const known = parts.get(fieldOf(relocation)) ?? new Map<unknown, number>();
    parts.set(fieldOf(relocation), known);
    known.set(relocation.kind, Number(numberIn(instructions[i] as Instruction)));
  }
  return new Map(
    [...parts].map(([field, part]) => {
      const [offset, size, left, right] = ['byte_offset', 'byte_size', 'lshift_u64', 'rshift_u64'].map(
        (kind) => part.get(`field_${kind}`) ?? Number.NaN,
      ) as [number, number, number, number];
      return [field, `${offset * 8 + left - (64 - size * 8)} ${64 - right}`];
    }),
  );
}

for (const name of names) {
  test(`${name}: on a kernel with the object's own types, instructions mean what clang made them mean`, () => {
    const { spec, btf } = load(name);
    let compared = 0;
    for (const program of Object.values(spec.programs)) {
      const bits = bitFields(program);
      const relocated = program.instructions.filter(({ core }) => core !== undefined);
      const inBits = relocated.filter(({ core }) => core !== undefined && bits.has(fieldOf(core)));
      const relocator = new CoreRelocator(btf, btf);
      const one = (before: Instruction): Instruction | undefined => {
        try {
          return relocate([before], relocator).items[0];
        } catch (error) {
          // Compilers and libbpf disagree about the signs of enums, in little-endian objects too.
          const ofEnum = before.core?.kind === 'enumval_value' || before.core?.kind === 'field_signed';
          if (error instanceof RelocationError && ofEnum) return undefined;
          throw error;
        }
      };
      for (const before of relocated) {
        const { core, ...expected } = before;
        if (core === undefined || inBits.includes(before)) continue;
        const after = one(before);
        if (after !== undefined) assert.deepEqual(after, expected, `${core.kind} ${core.access}`);
        compared++;
      }
      const cores = inBits.flatMap(({ core }) => core ?? []);
      const ours = inBits.map((before) => one(before) ?? before);
      assert.deepEqual(places(cores, ours), places(cores, inBits), program.name);
      compared += inBits.length;
    }
    assert.ok(compared > 3);
  });
}

/** The result of each relocation of an object on a kernel. Errors are represented by their names only. */
function outcomes(name: string, kernel: (btf: BtfTypes) => BtfTypes): Map<string, unknown> {
  const { spec, btf } = load(name);
  const relocator = new CoreRelocator(btf, kernel(btf));
  const found = new Map<string, unknown>();
  for (const { core } of Object.values(spec.programs).flatMap(({ instructions }) => instructions)) {
    // This is the only value that depends on the byte order. The test above checks it.
    if (core === undefined || core.kind === 'field_lshift_u64') continue;
    const key = `${core.kind} of ${btf.kindOf(core.typeId)} ${btf.nameOf(core.typeId)} ${core.access}`;
    try {
      found.set(key, relocator.resolve(core).value);
    } catch (error) {
      if (!(error instanceof RelocationError)) throw error;
      found.set(key, error.name);
    }
  }
  return found;
}

for (const name of names.filter((each) => each.startsWith('core-shapes'))) {
  test(`${name}: on kernels that never were, it comes to what the little-endian object comes to`, () => {
    fc.assert(
      fc.property(changes, (list) => {
        const kernel = (btf: BtfTypes): BtfTypes => BtfTypes.parse(madeUpKernel(btf, list));
        const big = outcomes(name, kernel);
        assert.ok(big.size > 50);
        assert.deepEqual(big, outcomes(name.replace('.eb.', '.el.'), kernel));
      }),
      { numRuns: 15, examples: [[[]]] },
    );
  });
}
