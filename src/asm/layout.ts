import { checkArray, didYouMean, wrongType } from '../errors/index.ts';
import { type AsmItem, type Instruction, isLabel } from './instruction.ts';
import { mnemonic } from './mnemonic.ts';
import { CLASS, JUMP, LD_IMM64 } from './opcode.ts';

/** The places of a program's instructions and labels, in slots from its start. */
export interface Layout {
  readonly instructions: readonly Instruction[];
  /** The first slot of each instruction. */
  readonly slots: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
  /** How many slots the whole program takes. */
  readonly size: number;
}

/**
 * Gives every instruction and label its place.
 *
 * @throws TypeError for an item that is neither an instruction nor a label, and when a label is defined twice
 */
export function layOut(items: readonly AsmItem[]): Layout {
  const instructions: Instruction[] = [];
  const slots: number[] = [];
  const labels = new Map<string, number>();
  let size = 0;
  checkArray('instructions', items);
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as AsmItem;
    if (typeof item !== 'object' || item === null || !('opcode' in item || 'label' in item)) {
      throw wrongType(`instructions[${i}]`, 'an instruction or a label', item);
    }
    if (isLabel(item)) {
      if (labels.has(item.label))
        throw new TypeError(`Cannot place label "${item.label}": it is defined twice`);
      labels.set(item.label, size);
    } else {
      instructions.push(item);
      slots.push(size);
      size += item.opcode === LD_IMM64 ? 2 : 1;
    }
  }
  return { instructions, slots, labels, size };
}

/** Whether the distance of a jump, call or function load goes into the 32-bit immediate. */
function distanceInImm({ opcode }: Instruction): boolean {
  return opcode === LD_IMM64 || opcode === (CLASS.jmp | JUMP.call) || opcode === (CLASS.jmp32 | JUMP.ja);
}

/**
 * The instruction with the distance to its label in place of the label.
 *
 * @param slot - the instruction's own place
 * @throws TypeError for an unknown label or one with no instruction after it, RangeError for one too far away
 */
export function resolveTarget(instruction: Instruction, slot: number, layout: Layout): Instruction {
  const { target } = instruction;
  if (target === undefined) return instruction;
  const place = layout.labels.get(target);
  if (place === undefined) {
    throw new TypeError(`label "${target}" is not defined${didYouMean(target, layout.labels.keys())}`);
  }
  if (place === layout.size) throw new TypeError(`label "${target}" has no instruction after it`);
  const distance = place - slot - 1;
  const { target: _, ...resolved } = instruction;
  if (distanceInImm(instruction)) return { ...resolved, imm: distance };
  if (distance < -32768 || distance > 32767) {
    const hint = mnemonic(instruction) === 'ja' ? '; use gotol' : '';
    throw new RangeError(
      `label "${target}" is ${distance} slots away, more than a 16-bit jump reaches${hint}`,
    );
  }
  return { ...resolved, offset: distance };
}
