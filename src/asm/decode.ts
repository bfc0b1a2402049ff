import { checkBytes, checkString, FormatError, rejectUnknownOptions } from '../errors/index.ts';
import { type ByteOrder, isLittle } from './encode.ts';
import type { Instruction } from './instruction.ts';
import { LD_IMM64, SLOT_SIZE } from './opcode.ts';

export interface DecodeOptions {
  /** Default: the byte order of this machine. */
  readonly byteOrder?: ByteOrder | undefined;
  /** What the bytes are, for errors: for example `section xdp`. */
  readonly section?: string | undefined;
}

/**
 * Decodes instructions. Opcodes that this library does not know are kept as they are.
 *
 * @throws FormatError when the length is not a whole number of instructions, or the second half of a
 *   64-bit immediate load is missing or not empty
 * @throws TypeError for wrong and unknown options
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Instruction[] {
  checkBytes('decode: bytes', bytes);
  rejectUnknownOptions('decode', options, ['byteOrder', 'section']);
  const little = isLittle('decode', options.byteOrder);
  const { section } = options;
  if (section !== undefined) checkString('decode: section', section);
  if (bytes.length % SLOT_SIZE !== 0) {
    throw new FormatError(`${bytes.length} bytes are not a whole number of 8-byte instructions`, { section });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const instructions: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += SLOT_SIZE) {
    const registers = view.getUint8(at + 1);
    const instruction: Instruction = {
      opcode: view.getUint8(at),
      dst: little ? registers & 15 : registers >> 4,
      src: little ? registers >> 4 : registers & 15,
      offset: view.getInt16(at + 2, little),
      imm: view.getInt32(at + 4, little),
    };
    if (instruction.opcode === LD_IMM64) {
      const offset = at;
      at += SLOT_SIZE;
      if (at >= bytes.length) {
        throw new FormatError('the second half of a 64-bit immediate load is missing', { section, offset });
      }
      if (view.getUint32(at) !== 0) {
        throw new FormatError('the second half of a 64-bit immediate load is not empty', {
          section,
          offset: at,
        });
      }
      instruction.high = view.getInt32(at + 4, little);
    }
    instructions.push(instruction);
  }
  return instructions;
}
