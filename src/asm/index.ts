export * from './alu.ts';
export * from './atomic.ts';
export { call, callKfunc, callLocal, exit } from './call.ts';
export { POISON_HELPER, type PoisonedInstruction, type Relocated, relocate } from './core/index.ts';
export { type DecodeOptions, decode } from './decode.ts';
export { disassemble } from './disassemble.ts';
export { type ByteOrder, type EncodeOptions, encode, hostByteOrder } from './encode.ts';
export { type FormatOptions, formatInstruction } from './format.ts';
export {
  type AsmItem,
  type Instruction,
  isLabel,
  type Label,
  label,
  type MapHandle,
  type MapReference,
  type SourceLine,
  slotsOf,
} from './instruction.ts';
export * from './jump.ts';
export { type Layout, layOut, resolveTarget } from './layout.ts';
export {
  type AccessSize,
  ldAbs,
  ldInd,
  ldx,
  type SignedAccessSize,
  st,
  stx,
} from './memory.ts';
export { mnemonic } from './mnemonic.ts';
export * as opcode from './opcode.ts';
export * from './register.ts';
export * from './wide.ts';
