import { checkInstruction, type Instruction } from './instruction.ts';
import { ALU, ATOMIC, CALL, CLASS, JUMP, LD_IMM64, MODE, MOV_OFFSET, PSEUDO, SOURCE } from './opcode.ts';

function invert(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name]));
}

const aluNames = invert(ALU);
const jumpNames = invert(JUMP);
const atomicNames: ReadonlyMap<number, string> = new Map(
  [...invert(ATOMIC)].map(([number, name]) => [
    number,
    ['add', 'or', 'and', 'xor'].includes(name) ? `atomic${name[0]?.toUpperCase()}${name.slice(1)}` : name,
  ]),
);
const wideNames: ReadonlyMap<number, string> = new Map([
  [PSEUDO.constant, 'loadImm64'],
  [PSEUDO.mapFd, 'loadMap'],
  [PSEUDO.mapValue, 'loadMapValue'],
  [PSEUDO.btfId, 'loadBtfId'],
  [PSEUDO.func, 'loadFunction'],
  [PSEUDO.mapIndex, 'loadMapIndex'],
  [PSEUDO.mapIndexValue, 'loadMapIndexValue'],
]);
const callNames: ReadonlyMap<number, string> = new Map([
  [CALL.helper, 'call'],
  [CALL.local, 'callLocal'],
  [CALL.kfunc, 'callKfunc'],
]);

function aluName({ opcode, offset }: Instruction): string | undefined {
  const operation = opcode & 0xf0;
  const wide = (opcode & 7) === CLASS.alu64;
  if (operation === ALU.end) {
    if (wide) return 'bswap';
    return (opcode & SOURCE.x) === 0 ? 'toLe' : 'toBe';
  }
  if (offset === 1 && operation === ALU.div) return 'sdiv';
  if (offset === 1 && operation === ALU.mod) return 'smod';
  if (operation === ALU.mov && offset !== 0 && (opcode & SOURCE.x) !== 0) {
    return wide && offset === MOV_OFFSET.addrSpaceCast ? 'addrSpaceCast' : 'movsx';
  }
  return aluNames.get(operation);
}

function jumpName({ opcode, src }: Instruction): string | undefined {
  const operation = opcode & 0xf0;
  if (operation === JUMP.call) return callNames.get(src) ?? 'call';
  if (operation === JUMP.jcond) return 'mayGoto';
  if (operation === JUMP.ja) {
    if ((opcode & SOURCE.x) !== 0) return 'gotox';
    return (opcode & 7) === CLASS.jmp32 ? 'gotol' : 'ja';
  }
  return jumpNames.get(operation);
}

function memoryName({ opcode, imm, src }: Instruction): string | undefined {
  if (opcode === LD_IMM64) return wideNames.get(src);
  const mode = opcode & 0xe0;
  switch (opcode & 7) {
    case CLASS.ld:
      return mode === MODE.abs ? 'ldAbs' : mode === MODE.ind ? 'ldInd' : undefined;
    case CLASS.ldx:
      return mode === MODE.mem || mode === MODE.memsx ? 'ldx' : undefined;
    case CLASS.st:
      return mode === MODE.mem ? 'st' : undefined;
    default:
      return mode === MODE.mem ? 'stx' : mode === MODE.atomic ? atomicNames.get(imm) : undefined;
  }
}

/**
 * The name of the function of this module that makes such an instruction, such as `jeq` or `loadMap`. If no function
 * makes it: `0x...` (its opcode).
 */
export function mnemonic(instruction: Instruction): string {
  checkInstruction('mnemonic', instruction);
  const kind = instruction.opcode & 7;
  const name =
    kind === CLASS.alu || kind === CLASS.alu64
      ? aluName(instruction)
      : kind === CLASS.jmp || kind === CLASS.jmp32
        ? jumpName(instruction)
        : memoryName(instruction);
  return name ?? `0x${instruction.opcode.toString(16).padStart(2, '0')}`;
}
