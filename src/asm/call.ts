import { type Helper, helpers } from '../abi/index.ts';
import type { Instruction } from './instruction.ts';
import { CALL, CLASS, JUMP } from './opcode.ts';
import { integer, s16, s32 } from './operand.ts';

function callTo(kind: number, imm: number, offset = 0): Instruction {
  return { opcode: CLASS.jmp | JUMP.call, dst: 0, src: kind, offset, imm };
}

/**
 * `call helper`, by the helper's name without `bpf_`, or its number
 *
 * @throws TypeError when there is no such helper; it names similar names
 */
export function call(helper: Helper | number): Instruction {
  const number = typeof helper === 'string' ? helpers.number(helper) : helper;
  return callTo(CALL.helper, integer('call: helper number', number, 0, 2 ** 31 - 1));
}

/** `call pc+n`: a subprogram of this program, by label or distance. Linux >= 4.16 */
export function callLocal(target: string | number): Instruction {
  if (typeof target === 'string') return { ...callTo(CALL.local, 0), target };
  return callTo(CALL.local, s32('callLocal', target));
}

/**
 * Calls a kernel function by its BTF id. `btfIndex` is the place of its module's BTF in the descriptor array given at
 * load, 0 for the kernel itself. Linux >= 5.13
 */
export function callKfunc(id: number, btfIndex = 0): Instruction {
  return callTo(CALL.kfunc, s32('callKfunc', id), s16('callKfunc', btfIndex));
}

/** `exit`: returns r0 */
export function exit(): Instruction {
  return { opcode: CLASS.jmp | JUMP.exit, dst: 0, src: 0, offset: 0, imm: 0 };
}
