import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { checkChoice, checkFunction, checkOwner, rejectUnknownOptions } from '../errors/index.ts';
import type { AsmItem, Instruction, MapHandle, MapReference } from './instruction.ts';
import { layOut, resolveTarget } from './layout.ts';
import { mnemonic } from './mnemonic.ts';
import { LD_IMM64, SLOT_SIZE } from './opcode.ts';
import { integer, s16, s32 } from './operand.ts';

/** The byte order in memory and files. */
export type ByteOrder = 'little' | 'big';

/** The byte order of this machine. */
export const hostByteOrder: ByteOrder = HOST_LITTLE_ENDIAN ? 'little' : 'big';

/** Whether the low byte comes first. @throws TypeError for what is no byte order */
export function isLittle(what: string, byteOrder: ByteOrder = hostByteOrder): boolean {
  checkChoice(`${what}: byteOrder`, byteOrder, ['little', 'big']);
  return byteOrder === 'little';
}

export interface EncodeOptions {
  /** Default: the byte order of this machine. */
  readonly byteOrder?: ByteOrder | undefined;
  /** Gives the descriptor of a map that is named or given as an object. Default: the object's own. */
  readonly mapFd?: ((map: string | MapHandle) => number) | undefined;
}

function descriptorOf(map: MapReference, mapFd: EncodeOptions['mapFd']): number {
  if (typeof map === 'number') return map;
  if (mapFd !== undefined) return mapFd(map);
  if (typeof map === 'object') {
    checkOwner('map', map, 'a map');
    return map.fd.value;
  }
  throw new TypeError(`map "${map}" is only a name; give the map itself`);
}

function writeSlot(
  view: DataView,
  at: number,
  little: boolean,
  opcode: number,
  dst: number,
  src: number,
  offset: number,
  imm: number,
): void {
  view.setUint8(at, opcode);
  view.setUint8(at + 1, little ? (src << 4) | dst : (dst << 4) | src);
  view.setInt16(at + 2, offset, little);
  view.setInt32(at + 4, imm, little);
}

/** Says which field does not fit. @throws RangeError, TypeError */
function check(instruction: Instruction): void {
  const { opcode, dst, src, offset, imm, high } = instruction;
  integer('opcode', opcode, 0, 255);
  const name = mnemonic(instruction);
  integer(`${name}: destination register`, dst, 0, 15);
  integer(`${name}: source register`, src, 0, 15);
  s16(name, offset);
  s32(name, imm);
  if (high !== undefined && opcode !== LD_IMM64) {
    throw new TypeError(`${name}: only a 64-bit immediate load has a high half`);
  }
  s32(`${name}: high half`, high ?? 0);
}

/** Whether all fields are whole numbers of the right size. Unlike {@link check}, it makes no text. */
function fits({ opcode, dst, src, offset, imm, high }: Instruction): boolean {
  return (
    (opcode & 0xff) === opcode &&
    (dst & 15) === dst &&
    (src & 15) === src &&
    (offset << 16) >> 16 === offset &&
    (imm | 0) === imm &&
    (high === undefined || (opcode === LD_IMM64 && (high | 0) === high))
  );
}

function write(view: DataView, at: number, little: boolean, instruction: Instruction): void {
  let good = false;
  try {
    good = fits(instruction);
  } catch {
    // A bigint or a symbol, which the test cannot compute with. The check names the field.
  }
  if (!good) check(instruction);
  const { opcode, dst, src, offset, imm, high = 0 } = instruction;
  writeSlot(view, at, little, opcode, dst, src, offset, imm);
  if (opcode === LD_IMM64) writeSlot(view, at + SLOT_SIZE, little, 0, 0, 0, 0, high);
}

function inContext(index: number, instruction: Instruction, error: unknown): unknown {
  if (!(error instanceof RangeError || error instanceof TypeError)) return error;
  const name = typeof instruction.opcode === 'number' ? ` (${mnemonic(instruction)})` : '';
  const text = `Cannot encode instruction ${index}${name}: ${error.message}`;
  return error instanceof RangeError
    ? new RangeError(text, { cause: error })
    : new TypeError(text, { cause: error });
}

/**
 * Encodes a program. Labels become distances, and maps become descriptors.
 *
 * @throws RangeError when a field does not fit; TypeError for unknown or doubly defined labels and for unknown maps.
 *   Both name the instruction by its index (labels not counted) and mnemonic
 * @throws TypeError for wrong and unknown options
 */
export function encode(items: readonly AsmItem[], options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  rejectUnknownOptions('encode', options, ['byteOrder', 'mapFd']);
  const little = isLittle('encode', options.byteOrder);
  if (options.mapFd !== undefined) checkFunction('encode: mapFd', options.mapFd);
  const layout = layOut(items);
  const { instructions, slots } = layout;
  const bytes = new Uint8Array(layout.size * SLOT_SIZE);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < instructions.length; index++) {
    const instruction = instructions[index] as Instruction;
    try {
      const slot = slots[index] as number;
      const resolved = resolveTarget(instruction, slot, layout);
      const { map } = instruction;
      const complete = map === undefined ? resolved : { ...resolved, imm: descriptorOf(map, options.mapFd) };
      write(view, slot * SLOT_SIZE, little, complete);
    } catch (error) {
      throw inContext(index, instruction, error);
    }
  }
  return bytes;
}
