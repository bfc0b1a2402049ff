/**
 * The bits of an opcode byte, by the names of RFC 9669 and the kernel's
 * Documentation/bpf/standardization/instruction-set.rst.
 */

/** The low three bits: the instruction class. */
export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;

/** Bit 3 of arithmetic and jumps: the second operand is the immediate (k) or a register (x). */
export const SOURCE = { k: 0x00, x: 0x08 } as const;

/** Bits 4-7 of arithmetic. */
export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  end: 0xd0,
} as const;

/** Bits 4-7 of jumps. */
export const JUMP = {
  ja: 0x00,
  jeq: 0x10,
  jgt: 0x20,
  jge: 0x30,
  jset: 0x40,
  jne: 0x50,
  jsgt: 0x60,
  jsge: 0x70,
  call: 0x80,
  exit: 0x90,
  jlt: 0xa0,
  jle: 0xb0,
  jslt: 0xc0,
  jsle: 0xd0,
  jcond: 0xe0,
} as const;

/** Bits 3-4 of loads and stores. */
export const SIZE = { u32: 0x00, u16: 0x08, u8: 0x10, u64: 0x18 } as const;

/** Bits 5-7 of loads and stores. */
export const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, memsx: 0x80, atomic: 0xc0 } as const;

/** The operation of an atomic instruction, in its immediate. */
export const ATOMIC = {
  add: 0x00,
  or: 0x40,
  and: 0x50,
  xor: 0xa0,
  fetchAdd: 0x01,
  fetchOr: 0x41,
  fetchAnd: 0x51,
  fetchXor: 0xa1,
  xchg: 0xe1,
  cmpxchg: 0xf1,
  loadAcquire: 0x100,
  storeRelease: 0x110,
} as const;

/** What a 64-bit immediate load means, in its source register field. */
export const PSEUDO = {
  constant: 0,
  mapFd: 1,
  mapValue: 2,
  btfId: 3,
  func: 4,
  mapIndex: 5,
  mapIndexValue: 6,
} as const;

/** What a call calls, in its source register field. */
export const CALL = { helper: 0, local: 1, kfunc: 2 } as const;

/** The opcode of the 64-bit immediate load, the only instruction of two slots. */
export const LD_IMM64: number = CLASS.ld | SIZE.u64 | MODE.imm;

/** Offset values that turn a 64-bit register move into something else. */
export const MOV_OFFSET = { addrSpaceCast: 1, percpuAddress: -1 } as const;

/** Size of one instruction slot in bytes. */
export const SLOT_SIZE = 8;
