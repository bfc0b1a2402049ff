import { seen } from '../errors/index.ts';
import type { Instruction } from './instruction.ts';
import { CLASS, MODE, SIZE } from './opcode.ts';
import { bits32, numberOf, s16, s32 } from './operand.ts';
import type { Register64 } from './register.ts';

/** An access width. */
export type AccessSize = 'u8' | 'u16' | 'u32' | 'u64';

/** An access width with sign extension to 64 bits. */
export type SignedAccessSize = 's8' | 's16' | 's32';

const SIGNED: Readonly<Record<SignedAccessSize, number>> = { s8: SIZE.u8, s16: SIZE.u16, s32: SIZE.u32 };

function isSigned(size: string): size is SignedAccessSize {
  return Object.hasOwn(SIGNED, size);
}

/** The size bits of an opcode. @throws TypeError for an unknown size */
export function sizeBits(name: string, size: AccessSize): number {
  const bits = Object.hasOwn(SIZE, size) ? SIZE[size] : undefined;
  if (bits === undefined) {
    throw new TypeError(`${name}: size must be one of ${Object.keys(SIZE).join(', ')}, not ${seen(size)}`);
  }
  return bits;
}

/** `dst = *(size *)(src + offset)`; the signed sizes need Linux >= 6.6 */
export function ldx(
  size: AccessSize | SignedAccessSize,
  dst: Register64,
  src: Register64,
  offset: number,
): Instruction {
  const bits = isSigned(size) ? MODE.memsx | SIGNED[size] : MODE.mem | sizeBits('ldx', size);
  const opcode = CLASS.ldx | bits;
  return { opcode, dst: numberOf('ldx', dst), src: numberOf('ldx', src), offset: s16('ldx', offset), imm: 0 };
}

/** `*(size *)(dst + offset) = src` */
export function stx(size: AccessSize, dst: Register64, offset: number, src: Register64): Instruction {
  const opcode = CLASS.stx | MODE.mem | sizeBits('stx', size);
  return { opcode, dst: numberOf('stx', dst), src: numberOf('stx', src), offset: s16('stx', offset), imm: 0 };
}

/** `*(size *)(dst + offset) = value`; the value of a 64-bit store is sign-extended from 32 bits */
export function st(size: AccessSize, dst: Register64, offset: number, value: number): Instruction {
  const opcode = CLASS.st | MODE.mem | sizeBits('st', size);
  const imm = size === 'u64' ? s32('st', value) : bits32('st', value);
  return { opcode, dst: numberOf('st', dst), src: 0, offset: s16('st', offset), imm };
}

/**
 * `r0 = *(size *)skb[offset]`: legacy packet load in host order. r6 must hold the context. The program ends with 0 if
 * the packet is too short.
 */
export function ldAbs(size: Exclude<AccessSize, 'u64'>, offset: number): Instruction {
  const opcode = CLASS.ld | MODE.abs | sizeBits('ldAbs', size);
  return { opcode, dst: 0, src: 0, offset: 0, imm: s32('ldAbs', offset) };
}

/** `r0 = *(size *)skb[index + offset]`: like {@link ldAbs}, with a register added */
export function ldInd(size: Exclude<AccessSize, 'u64'>, index: Register64, offset: number): Instruction {
  const opcode = CLASS.ld | MODE.ind | sizeBits('ldInd', size);
  return { opcode, dst: 0, src: numberOf('ldInd', index), offset: 0, imm: s32('ldInd', offset) };
}
