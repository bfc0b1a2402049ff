import type { CoreRelocation } from '../btf/index.ts';
import { wrongType } from '../errors/index.ts';
import { LD_IMM64 } from './opcode.ts';

/** A map object. {@link Instruction.map} needs only its descriptor. */
export interface MapHandle {
  readonly name: string;
  readonly fd: { readonly value: number };
}

/** A map by descriptor number, as an object, or by a name that is looked up when the program is loaded. */
export type MapReference = number | string | MapHandle;

/** The place in the program's source that an instruction comes from. */
export interface SourceLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1; 0 when unknown. */
  readonly column: number;
  /** The line itself. */
  readonly text: string;
}

/**
 * One BPF instruction as plain data: the fields of its encoding, and references that are filled in when it is encoded.
 * You may edit all fields.
 *
 * A 64-bit immediate load is one instruction here, although it takes two slots.
 */
export interface Instruction {
  /** Eight bits: class, and operation or size and mode. */
  opcode: number;
  /** Number of the destination register. */
  dst: number;
  /** Number of the source register. For a call or 64-bit load: what the immediate means. */
  src: number;
  /** Signed, 16 bits. */
  offset: number;
  /** Signed, 32 bits; the low half of a 64-bit load. */
  imm: number;
  /** Signed, 32 bits: the high half of a 64-bit load. Only there. */
  high?: number;
  /** The label that a jump, call or function load goes to; replaces the distance in `offset` or `imm`. */
  target?: string;
  /** The map of a map load; replaces the descriptor in `imm`. */
  map?: MapReference;
  /** The name of something that the kernel or its configuration provides: a kfunc, a symbol, a kconfig value. */
  extern?: string;
  /** The part of the kernel's types that its immediate or offset depends on; see `relocate`. */
  core?: CoreRelocation;
  /** Its place in the source. */
  source?: SourceLine;
}

/** A name for the place of the next instruction: a jump target or the start of a subprogram. */
export interface Label {
  label: string;
}

/** An assembler program is a list of these. */
export type AsmItem = Instruction | Label;

/** Names the place of the next instruction, for jumps and calls. */
export function label(name: string): Label {
  if (name === '') throw new TypeError('label: the name is empty');
  return { label: name };
}

export function isLabel(item: AsmItem): item is Label {
  return typeof item === 'object' && item !== null && 'label' in item;
}

/** @throws TypeError if it is not an instruction */
export function checkInstruction(what: string, value: Instruction): void {
  if (typeof value === 'object' && value !== null && typeof value.opcode === 'number') return;
  throw wrongType(`${what}: instruction`, 'an instruction', value);
}

/** How many 8-byte slots an instruction takes: 2 for a 64-bit immediate load, else 1. */
export function slotsOf(instruction: Instruction): 1 | 2 {
  checkInstruction('slotsOf', instruction);
  return instruction.opcode === LD_IMM64 ? 2 : 1;
}
