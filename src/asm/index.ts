/**
 * BPF instructions as plain data: assembler, encoder, decoder, disassembler. Importable on any system.
 *
 * A program is a list of instructions and labels. Registers `r0`-`r10` stand for 64-bit operations, `w0`-`w10`
 * for 32-bit ones, and each function is named and ordered as the kernel prints the instruction:
 *
 * ```ts
 * const program = [
 *   mov(r2, r10),
 *   add(r2, -4),
 *   st('u32', r10, -4, 0),          // *(u32 *)(r10 -4) = 0
 *   loadMap(r1, counters),
 *   call('map_lookup_elem'),
 *   jeq(r0, 0, 'out'),              // if r0 == 0x0 goto out
 *   mov(r1, 1),
 *   atomicAdd('u64', r0, 0, r1),    // lock *(u64 *)(r0 +0) += r1
 *   label('out'),
 *   mov(r0, 0),
 *   exit(),
 * ];
 * console.log(disassemble(program));
 * ```
 */
export { BpfError, ClosedError, FormatError, RelocationError } from '../errors/index.ts';
export * from './alu.ts';
export * from './atomic.ts';
export { call, callKfunc, callLocal, exit } from './call.ts';
export { POISON_HELPER, type PoisonedInstruction, type Relocated, relocate } from './core/index.ts';
export { type DecodeOptions, decode } from './decode.ts';
export { disassemble } from './disassemble.ts';
export { type ByteOrder, type EncodeOptions, encode, hostByteOrder } from './encode.ts';
export { formatInstruction } from './format.ts';
export type { FormatOptions } from './format-options.ts';
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
