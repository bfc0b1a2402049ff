import type { Instruction } from './instruction.ts';
import { ALU, CLASS, MOV_OFFSET, SOURCE } from './opcode.ts';

const OPERATORS: ReadonlyMap<number, string> = new Map([
  [ALU.add, '+='],
  [ALU.sub, '-='],
  [ALU.mul, '*='],
  [ALU.div, '/='],
  [ALU.or, '|='],
  [ALU.and, '&='],
  [ALU.lsh, '<<='],
  [ALU.rsh, '>>='],
  [ALU.mod, '%='],
  [ALU.xor, '^='],
  [ALU.mov, '='],
  [ALU.arsh, 's>>='],
]);

/** The operator of an arithmetic or plain atomic operation. */
export function operatorOf(operation: number): string | undefined {
  return OPERATORS.get(operation);
}

function byteSwap({ opcode, dst, imm }: Instruction): string {
  const kind = (opcode & 7) === CLASS.alu64 ? 'bswap' : (opcode & SOURCE.x) === 0 ? 'le' : 'be';
  return `r${dst} = ${kind}${imm} r${dst}`;
}

function registerMove({ dst, src, offset, imm }: Instruction): string | undefined {
  if (offset === MOV_OFFSET.addrSpaceCast) {
    return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`;
  }
  // Only in programs read back from the kernel, which replaces per-CPU map lookups with it.
  if (offset === MOV_OFFSET.percpuAddress) return `r${dst} = &(void __percpu *)(r${src})`;
  return undefined;
}

export function formatAlu(instruction: Instruction): string | undefined {
  const { opcode, dst, src, offset, imm } = instruction;
  const operation = opcode & 0xf0;
  const wide = (opcode & 7) === CLASS.alu64;
  const letter = wide ? 'r' : 'w';
  if (operation === ALU.end) return byteSwap(instruction);
  if (operation === ALU.neg) return `${letter}${dst} = -${letter}${dst}`;
  const operator = OPERATORS.get(operation);
  if (operator === undefined) return undefined;
  const signed = offset === 1 && (operation === ALU.div || operation === ALU.mod) ? 's' : '';
  if ((opcode & SOURCE.x) === 0) return `${letter}${dst} ${signed}${operator} ${imm}`;
  const special = operation === ALU.mov && wide ? registerMove(instruction) : undefined;
  if (special !== undefined) return special;
  const extend = operation === ALU.mov && [8, 16, 32].includes(offset) ? `(s${offset})` : '';
  return `${letter}${dst} ${signed}${operator} ${extend}${letter}${src}`;
}
