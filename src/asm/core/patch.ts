import type { CoreResolution } from '../../btf/index.ts';
import type { Instruction } from '../instruction.ts';
import { CLASS, JUMP, LD_IMM64, SIZE, SOURCE } from '../opcode.ts';

/**
 * A number that belongs to no helper. It stands for an instruction that must not run. libbpf and the kernel use the
 * same number ("bad relo"), so verifier logs look the same.
 */
export const POISON_HELPER = 0xbad2310;

const CLASS_MASK = 0x07;
const SIZE_MASK = 0x18;
const BYTES: ReadonlyMap<number, number> = new Map([
  [SIZE.u8, 1],
  [SIZE.u16, 2],
  [SIZE.u32, 4],
  [SIZE.u64, 8],
]);
const SIZE_OF_BYTES: ReadonlyMap<number, number> = new Map([...BYTES].map(([size, bytes]) => [bytes, size]));

/** What replaces an instruction. */
export interface Patched {
  /** One instruction; two for a poisoned 64-bit load, which took two slots. */
  readonly instructions: readonly Instruction[];
  /** Why the instruction must not be run; `undefined` for a relocated one. */
  readonly poison?: string | undefined;
}

function poisoned({ opcode, source }: Instruction, reason: string): Patched {
  const call: Instruction = { opcode: CLASS.jmp | JUMP.call, dst: 0, src: 0, offset: 0, imm: POISON_HELPER };
  if (source !== undefined) call.source = source;
  return { instructions: opcode === LD_IMM64 ? [call, { ...call }] : [call], poison: reason };
}

function unexpected(seen: bigint, expected: bigint): string {
  return `the instruction holds ${seen}, but the object's own types give ${BigInt.asIntN(64, expected)}`;
}

// These change the instruction, which is a copy already. Or they return why the relocation cannot belong to it.

/** Puts a value into the immediate of an arithmetic instruction. */
function patchImmediate(instruction: Instruction, { value, expected }: Resolved): string | undefined {
  const { opcode, imm } = instruction;
  if ((opcode & SOURCE.x) !== 0) return 'the instruction has no immediate';
  if (expected !== undefined && BigInt.asUintN(64, BigInt(imm)) !== expected) {
    return unexpected(BigInt(imm), expected);
  }
  instruction.imm = Number(BigInt.asIntN(32, value));
  return undefined;
}

/** Puts a value into the offset of a load or store. */
function patchOffset(instruction: Instruction, { value, expected }: Resolved): string | undefined {
  const { offset } = instruction;
  if (expected !== undefined && BigInt.asUintN(64, BigInt(offset)) !== expected) {
    return unexpected(BigInt(offset), expected);
  }
  if (value > 0x7fffn) return `offset ${value} is more than a load or store can reach (32767)`;
  instruction.offset = Number(value);
  return undefined;
}

/** Makes a load or store as wide as the field. */
function resize(instruction: Instruction, { from, to }: { from: number; to: number }): string | undefined {
  const { opcode } = instruction;
  const bytes = BYTES.get(opcode & SIZE_MASK);
  if (bytes !== from) return `the instruction accesses ${bytes} bytes of a field of ${from}`;
  const size = SIZE_OF_BYTES.get(to);
  if (size === undefined) return `the kernel's field has ${to} bytes, and no instruction accesses that many`;
  instruction.opcode = (opcode & ~SIZE_MASK) | size;
  return undefined;
}

/** Puts a value into a 64-bit immediate load. */
function patchWide(instruction: Instruction, { value, expected }: Resolved): string | undefined {
  const { opcode, src, offset, imm, high } = instruction;
  if (opcode !== LD_IMM64 || src !== 0 || offset !== 0) return 'the instruction does not load a constant';
  const seen = (BigInt(high ?? 0) << 32n) | BigInt(imm >>> 0);
  if (expected !== undefined && BigInt.asUintN(64, seen) !== expected) return unexpected(seen, expected);
  instruction.imm = Number(BigInt.asIntN(32, value));
  instruction.high = Number(BigInt.asIntN(32, value >> 32n));
  return undefined;
}

type Resolved = CoreResolution & { readonly value: bigint };

function isResolved(resolution: CoreResolution): resolution is Resolved {
  return resolution.value !== undefined;
}

/**
 * An instruction with the result of its relocation, or with a replacement if the kernel has nothing like it.
 *
 * @returns the instruction, or why the relocation cannot belong to it
 */
export function patch(instruction: Instruction, resolution: CoreResolution): Patched | string {
  const { core: _, ...plain } = instruction;
  if (!isResolved(resolution)) return poisoned(plain, '');
  let problem: string | undefined;
  switch (instruction.opcode & CLASS_MASK) {
    case CLASS.alu:
    case CLASS.alu64:
      problem = patchImmediate(plain, resolution);
      break;
    case CLASS.ldx:
    case CLASS.st:
    case CLASS.stx: {
      problem = patchOffset(plain, resolution);
      const sizes = resolution.resize;
      if (problem !== undefined || sizes === undefined) break;
      if (!sizes.safe) {
        return poisoned(
          plain,
          `the kernel's field has ${sizes.to} bytes instead of ${sizes.from}, and only pointers and unsigned integers may change their size`,
        );
      }
      problem = resize(plain, sizes);
      break;
    }
    case CLASS.ld:
      problem = patchWide(plain, resolution);
      break;
    default:
      return 'this instruction cannot be relocated';
  }
  return problem ?? { instructions: [plain] };
}
