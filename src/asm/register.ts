/** A 64-bit register. */
export interface Register64 {
  readonly number: number;
  readonly bits: 64;
}

/** The low half of a register: an operation on it is 32 bits wide and zeroes the high half. */
export interface Register32 {
  readonly number: number;
  readonly bits: 32;
}

/** A register in either width; the width chooses between the 64-bit and 32-bit form of an operation. */
export type Register = Register64 | Register32;

function r(number: number): Register64 {
  return Object.freeze({ number, bits: 64 });
}

function w(number: number): Register32 {
  return Object.freeze({ number, bits: 32 });
}

/** Return value; what a helper returns. Clobbered by calls. */
export const r0: Register64 = r(0);
/** First argument; the context when a program starts. Clobbered by calls. */
export const r1: Register64 = r(1);
/** Second argument. Clobbered by calls. */
export const r2: Register64 = r(2);
/** Third argument. Clobbered by calls. */
export const r3: Register64 = r(3);
/** Fourth argument. Clobbered by calls. */
export const r4: Register64 = r(4);
/** Fifth argument. Clobbered by calls. */
export const r5: Register64 = r(5);
/** Kept over calls. */
export const r6: Register64 = r(6);
/** Kept over calls. */
export const r7: Register64 = r(7);
/** Kept over calls. */
export const r8: Register64 = r(8);
/** Kept over calls. */
export const r9: Register64 = r(9);
/** The frame pointer, read-only; the stack lies below it. */
export const r10: Register64 = r(10);

export const w0: Register32 = w(0);
export const w1: Register32 = w(1);
export const w2: Register32 = w(2);
export const w3: Register32 = w(3);
export const w4: Register32 = w(4);
export const w5: Register32 = w(5);
export const w6: Register32 = w(6);
export const w7: Register32 = w(7);
export const w8: Register32 = w(8);
export const w9: Register32 = w(9);
export const w10: Register32 = w(10);
