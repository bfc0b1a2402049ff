import { helpers } from '../abi/index.ts';
import { signed } from './format-number.ts';
import type { FormatOptions } from './format-options.ts';
import type { Instruction } from './instruction.ts';
import { CALL, CLASS, JUMP, SOURCE } from './opcode.ts';

const OPERATORS: ReadonlyMap<number, string> = new Map([
  [JUMP.jeq, '=='],
  [JUMP.jgt, '>'],
  [JUMP.jlt, '<'],
  [JUMP.jge, '>='],
  [JUMP.jle, '<='],
  [JUMP.jset, '&'],
  [JUMP.jne, '!='],
  [JUMP.jsgt, 's>'],
  [JUMP.jslt, 's<'],
  [JUMP.jsge, 's>='],
  [JUMP.jsle, 's<='],
]);

function callText(instruction: Instruction, options: FormatOptions): string {
  const { src, imm, offset, target } = instruction;
  // In a program that is read back after JIT, the kernel has moved the distance into the offset.
  if (src === CALL.local) return `call ${target ?? `pc${signed(offset === 0 ? imm : offset)}`}`;
  if (src === CALL.kfunc) return `call ${options.kfuncName?.(imm, offset) ?? 'kernel-function'}#${imm}`;
  const helper = helpers.name(imm);
  return `call ${helper === undefined ? 'unknown' : `bpf_${helper}`}#${imm}`;
}

export function formatJump(instruction: Instruction, options: FormatOptions): string | undefined {
  const { opcode, dst, src, offset, imm } = instruction;
  const near = instruction.target ?? `pc${signed(offset)}`;
  switch (opcode) {
    case CLASS.jmp | JUMP.call:
      return callText(instruction, options);
    case CLASS.jmp | JUMP.exit:
      return 'exit';
    case CLASS.jmp | JUMP.ja:
      return `goto ${near}`;
    case CLASS.jmp32 | JUMP.ja:
      return `gotol ${instruction.target ?? `pc${signed(imm)}`}`;
    case CLASS.jmp | JUMP.ja | SOURCE.x:
      return `gotox r${dst}`;
    case CLASS.jmp | JUMP.jcond:
      return src === 0 ? `may_goto ${near}` : undefined;
  }
  const operator = OPERATORS.get(opcode & 0xf0);
  if (operator === undefined) return undefined;
  const letter = (opcode & 7) === CLASS.jmp ? 'r' : 'w';
  const right = (opcode & SOURCE.x) !== 0 ? `${letter}${src}` : `0x${(imm >>> 0).toString(16)}`;
  return `if ${letter}${dst} ${operator} ${right} goto ${near}`;
}
