import { wrongType } from '../errors/index.ts';
import type { Instruction } from './instruction.ts';
import { ALU, CLASS, MOV_OFFSET, SOURCE } from './opcode.ts';
import { bits32, integer, numberOf, s32 } from './operand.ts';
import type { Register, Register64 } from './register.ts';

/** Makes an instruction that computes `dst` from `dst` and `src`, in the width of the registers. */
export type AluOperation = <R extends Register>(dst: R, src: NoInfer<R> | number) => Instruction;

function classOf(register: Register): number {
  return register.bits === 64 ? CLASS.alu64 : CLASS.alu;
}

function operation(name: string, code: number, offset = 0): AluOperation {
  return (dst, src) => {
    const left = numberOf(name, dst);
    const opcode = classOf(dst) | code;
    if (typeof src === 'number') {
      const imm = dst.bits === 64 ? s32(name, src) : bits32(name, src);
      return { opcode: opcode | SOURCE.k, dst: left, src: 0, offset, imm };
    }
    const right = numberOf(name, src);
    if (src.bits !== dst.bits) {
      throw new TypeError(`${name}: cannot mix a ${dst.bits}-bit and a ${src.bits}-bit register`);
    }
    return { opcode: opcode | SOURCE.x, dst: left, src: right, offset, imm: 0 };
  };
}

/** `dst += src` */
export const add: AluOperation = operation('add', ALU.add);
/** `dst -= src` */
export const sub: AluOperation = operation('sub', ALU.sub);
/** `dst *= src` */
export const mul: AluOperation = operation('mul', ALU.mul);
/** `dst /= src`, unsigned; by zero gives zero */
export const div: AluOperation = operation('div', ALU.div);
/** `dst s/= src`, signed. Linux >= 6.6 */
export const sdiv: AluOperation = operation('sdiv', ALU.div, 1);
/** `dst %= src`, unsigned; by zero leaves dst */
export const mod: AluOperation = operation('mod', ALU.mod);
/** `dst s%= src`, signed. Linux >= 6.6 */
export const smod: AluOperation = operation('smod', ALU.mod, 1);
/** `dst |= src` */
export const or: AluOperation = operation('or', ALU.or);
/** `dst &= src` */
export const and: AluOperation = operation('and', ALU.and);
/** `dst ^= src` */
export const xor: AluOperation = operation('xor', ALU.xor);
/** `dst <<= src` */
export const lsh: AluOperation = operation('lsh', ALU.lsh);
/** `dst >>= src`, filling with zeroes */
export const rsh: AluOperation = operation('rsh', ALU.rsh);
/** `dst s>>= src`, filling with the sign */
export const arsh: AluOperation = operation('arsh', ALU.arsh);
/** `dst = src`; an immediate is sign-extended to 64 bits, so see `loadImm64` for larger ones */
export const mov: AluOperation = operation('mov', ALU.mov);

/** `dst = (s8|s16|s32)src`: move with sign extension from `bits`. Linux >= 6.6 */
export function movsx<R extends Register>(dst: R, src: NoInfer<R>, bits: 8 | 16 | 32): Instruction {
  numberOf('movsx', dst);
  const known = dst.bits === 64 ? [8, 16, 32] : [8, 16];
  if (!known.includes(bits))
    throw new RangeError(`movsx: bits must be one of ${known.join(', ')}, not ${bits}`);
  return { ...mov(dst, src), offset: bits };
}

/** `dst = -dst` */
export function neg(dst: Register): Instruction {
  const number = numberOf('neg', dst);
  return { opcode: classOf(dst) | ALU.neg, dst: number, src: 0, offset: 0, imm: 0 };
}

/** Makes an instruction that changes the byte order of the low bits of a register. */
export type ByteSwap = (dst: Register64, bits: 16 | 32 | 64) => Instruction;

function swap(name: string, opcode: number): ByteSwap {
  return (dst, bits) => {
    if (![16, 32, 64].includes(bits)) {
      if (typeof bits !== 'number') throw wrongType(`${name}: bits`, 'a number', bits);
      throw new RangeError(`${name}: bits must be 16, 32 or 64, not ${bits}`);
    }
    return { opcode: opcode | ALU.end, dst: numberOf(name, dst), src: 0, offset: 0, imm: bits };
  };
}

/** `dst = le16|32|64 dst`: between host and little-endian order */
export const toLe: ByteSwap = swap('toLe', CLASS.alu | SOURCE.k);
/** `dst = be16|32|64 dst`: between host and big-endian order */
export const toBe: ByteSwap = swap('toBe', CLASS.alu | SOURCE.x);
/** `dst = bswap16|32|64 dst`: swaps bytes whatever the host. Linux >= 6.6 */
export const bswap: ByteSwap = swap('bswap', CLASS.alu64 | SOURCE.k);

/**
 * `dst = addr_space_cast(src, to, from)`: turns an arena pointer of user space (address space 0)
 * into one of the kernel (address space 1) or back. Linux >= 6.9
 */
export function addrSpaceCast(dst: Register64, src: Register64, to: number, from: number): Instruction {
  integer('addrSpaceCast: address space', to, 0, 0xffff);
  integer('addrSpaceCast: address space', from, 0, 0xffff);
  return { ...mov(dst, src), offset: MOV_OFFSET.addrSpaceCast, imm: (to << 16) | from };
}
