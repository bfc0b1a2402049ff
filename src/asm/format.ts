import { formatAlu } from './format-alu.ts';
import { formatJump } from './format-jump.ts';
import { formatMemory } from './format-memory.ts';
import { checkFormatOptions, type FormatOptions } from './format-options.ts';
import { checkInstruction, type Instruction } from './instruction.ts';
import { CLASS } from './opcode.ts';

/**
 * One instruction as `bpftool prog dump xlated` and the verifier log print it, such as `(b7) r0 = 1`.
 * A jump whose label has not been resolved prints the label.
 *
 * @throws TypeError for what is not an instruction, and for wrong and unknown options
 */
export function formatInstruction(instruction: Instruction, options: FormatOptions = {}): string {
  checkInstruction('formatInstruction', instruction);
  checkFormatOptions('formatInstruction', options);
  return formatChecked(instruction, options);
}

/** Does {@link formatInstruction} with arguments that were checked before. */
export function formatChecked(instruction: Instruction, options: FormatOptions): string {
  const code = instruction.opcode.toString(16).padStart(2, '0');
  return `(${code}) ${text(instruction, options) ?? unknown(instruction)}`;
}

function text(instruction: Instruction, options: FormatOptions): string | undefined {
  switch (instruction.opcode & 7) {
    case CLASS.alu:
    case CLASS.alu64:
      return formatAlu(instruction);
    case CLASS.jmp:
    case CLASS.jmp32:
      return formatJump(instruction, options);
    default:
      return formatMemory(instruction, options);
  }
}

/** Unknown instructions print with all their fields: the kernel's `BUG_...` would hide them. */
function unknown({ dst, src, offset, imm }: Instruction): string {
  return `unknown dst=${dst} src=${src} offset=${offset} imm=${imm}`;
}
