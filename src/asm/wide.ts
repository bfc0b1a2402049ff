import { wrongType } from '../errors/index.ts';
import type { Instruction, MapReference } from './instruction.ts';
import { LD_IMM64, PSEUDO } from './opcode.ts';
import { bits32, integer, numberOf, s32 } from './operand.ts';
import type { Register64 } from './register.ts';

function wide(dst: Register64, src: number, imm: number, high = 0): Instruction {
  return { opcode: LD_IMM64, dst: numberOf('load', dst), src, offset: 0, imm, high };
}

/** `dst = value ll`: any 64-bit constant, signed or unsigned */
export function loadImm64(dst: Register64, value: number | bigint): Instruction {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`loadImm64: ${value} is not a safe integer; write it as a bigint`);
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw wrongType('loadImm64: value', 'a number or a bigint', value);
  }
  const whole = BigInt(value);
  if (whole < -(2n ** 63n) || whole >= 2n ** 64n) {
    throw new RangeError(`loadImm64: ${whole} does not fit 64 bits`);
  }
  return wide(
    dst,
    PSEUDO.constant,
    Number(BigInt.asIntN(32, whole)),
    Number(BigInt.asIntN(32, whole >> 32n)),
  );
}

function mapFields(map: MapReference): { readonly map?: MapReference; readonly imm: number } {
  if (typeof map === 'number') return { imm: integer('loadMap: map descriptor', map, 0, 2 ** 31 - 1) };
  return { imm: 0, map };
}

/** `dst = map`: the address of a map, for helpers that take one */
export function loadMap(dst: Register64, map: MapReference): Instruction {
  return { ...wide(dst, PSEUDO.mapFd, 0), ...mapFields(map) };
}

/** `dst = map[0] + offset`: an address inside the first value of an array map. Linux >= 5.2 */
export function loadMapValue(dst: Register64, map: MapReference, offset: number): Instruction {
  return { ...wide(dst, PSEUDO.mapValue, 0, bits32('loadMapValue', offset)), ...mapFields(map) };
}

/** `dst = map`, for map number `index` of the descriptor array given at load. Linux >= 5.14 */
export function loadMapIndex(dst: Register64, index: number): Instruction {
  return wide(dst, PSEUDO.mapIndex, s32('loadMapIndex', index));
}

/** `dst = map[0] + offset`, for map number `index` of the descriptor array. Linux >= 5.14 */
export function loadMapIndexValue(dst: Register64, index: number, offset: number): Instruction {
  return wide(
    dst,
    PSEUDO.mapIndexValue,
    s32('loadMapIndexValue', index),
    bits32('loadMapIndexValue', offset),
  );
}

/**
 * `dst = &variable`: the address of a kernel variable by its BTF id. `btfFd` is the descriptor of a module's BTF, 0 for
 * the kernel itself. Linux >= 5.10
 */
export function loadBtfId(dst: Register64, id: number, btfFd = 0): Instruction {
  return wide(dst, PSEUDO.btfId, s32('loadBtfId', id), s32('loadBtfId', btfFd));
}

/** `dst = &function`: a subprogram of this program, as a callback for helpers such as loop. Linux >= 5.13 */
export function loadFunction(dst: Register64, target: string | number): Instruction {
  if (typeof target === 'string') return { ...wide(dst, PSEUDO.func, 0), target };
  return wide(dst, PSEUDO.func, s32('loadFunction', target));
}
