import type { Instruction } from './instruction.ts';
import { CLASS, JUMP, SOURCE } from './opcode.ts';
import { bits32, numberOf, s16, s32 } from './operand.ts';
import type { Register, Register64 } from './register.ts';

/** A label, or a distance in slots counted from the next instruction. */
export type JumpTarget = string | number;

/** Makes a jump that is taken when the comparison of both holds. */
export type ConditionalJump = <R extends Register>(
  left: R,
  right: NoInfer<R> | number,
  target: JumpTarget,
) => Instruction;

function withTarget(name: string, instruction: Instruction, target: JumpTarget): Instruction {
  if (typeof target === 'string') return { ...instruction, target };
  return { ...instruction, offset: s16(name, target) };
}

function conditional(name: string, code: number): ConditionalJump {
  return (left, right, target) => {
    const dst = numberOf(name, left);
    const opcode = (left.bits === 64 ? CLASS.jmp : CLASS.jmp32) | code;
    const base = { opcode, dst, src: 0, offset: 0, imm: 0 };
    if (typeof right === 'number') {
      const imm = left.bits === 64 ? s32(name, right) : bits32(name, right);
      return withTarget(name, { ...base, imm }, target);
    }
    const src = numberOf(name, right);
    if (left.bits !== right.bits) {
      throw new TypeError(`${name}: cannot mix a ${left.bits}-bit and a ${right.bits}-bit register`);
    }
    return withTarget(name, { ...base, opcode: opcode | SOURCE.x, src }, target);
  };
}

/** `if left == right goto target` */
export const jeq: ConditionalJump = conditional('jeq', JUMP.jeq);
/** `if left != right goto target` */
export const jne: ConditionalJump = conditional('jne', JUMP.jne);
/** `if left > right goto target`, unsigned */
export const jgt: ConditionalJump = conditional('jgt', JUMP.jgt);
/** `if left >= right goto target`, unsigned */
export const jge: ConditionalJump = conditional('jge', JUMP.jge);
/** `if left < right goto target`, unsigned */
export const jlt: ConditionalJump = conditional('jlt', JUMP.jlt);
/** `if left <= right goto target`, unsigned */
export const jle: ConditionalJump = conditional('jle', JUMP.jle);
/** `if left & right goto target` */
export const jset: ConditionalJump = conditional('jset', JUMP.jset);
/** `if left s> right goto target`, signed */
export const jsgt: ConditionalJump = conditional('jsgt', JUMP.jsgt);
/** `if left s>= right goto target`, signed */
export const jsge: ConditionalJump = conditional('jsge', JUMP.jsge);
/** `if left s< right goto target`, signed */
export const jslt: ConditionalJump = conditional('jslt', JUMP.jslt);
/** `if left s<= right goto target`, signed */
export const jsle: ConditionalJump = conditional('jsle', JUMP.jsle);

/** `goto target`, up to 32,767 slots away */
export function ja(target: JumpTarget): Instruction {
  return withTarget('ja', { opcode: CLASS.jmp | JUMP.ja, dst: 0, src: 0, offset: 0, imm: 0 }, target);
}

/** `gotol target`: any distance. Linux >= 6.6 */
export function gotol(target: JumpTarget): Instruction {
  const base = { opcode: CLASS.jmp32 | JUMP.ja, dst: 0, src: 0, offset: 0, imm: 0 };
  return typeof target === 'string' ? { ...base, target } : { ...base, imm: s32('gotol', target) };
}

/** `may_goto target`: jumps once the kernel's loop budget is used up. Linux >= 6.10 */
export function mayGoto(target: JumpTarget): Instruction {
  return withTarget('mayGoto', { opcode: CLASS.jmp | JUMP.jcond, dst: 0, src: 0, offset: 0, imm: 0 }, target);
}

/** `gotox register`: jumps to an address taken from an instruction array map. Linux >= 6.19 */
export function gotox(register: Register64): Instruction {
  return {
    opcode: CLASS.jmp | JUMP.ja | SOURCE.x,
    dst: numberOf('gotox', register),
    src: 0,
    offset: 0,
    imm: 0,
  };
}
