import { wrongType } from '../errors/index.ts';
import type { Register } from './register.ts';

const S32_MIN = -(2 ** 31);
const S32_MAX = 2 ** 31 - 1;
const U32_MAX = 2 ** 32 - 1;

function outside(what: string, value: number, low: number, high: number): RangeError {
  return new RangeError(`${what} must be an integer from ${low} to ${high}, not ${value}`);
}

/** Checks a whole number and returns it. @throws TypeError, RangeError naming `what` and the value seen */
export function integer(what: string, value: number, low: number, high: number): number {
  if (typeof value !== 'number') throw wrongType(what, 'a number', value);
  if (!Number.isInteger(value) || value < low || value > high) throw outside(what, value, low, high);
  return value;
}

/** A signed 16-bit offset. */
export function s16(what: string, value: number): number {
  return integer(`${what}: offset`, value, -32768, 32767);
}

/** A signed 32-bit immediate; the kernel sign-extends it in 64-bit operations. */
export function s32(what: string, value: number): number {
  return integer(`${what}: immediate`, value, S32_MIN, S32_MAX);
}

/** A 32-bit immediate whose bits alone count, so that you may write 0xffffffff for -1. */
export function bits32(what: string, value: number): number {
  return integer(`${what}: immediate`, value, S32_MIN, U32_MAX) | 0;
}

/** The number of a register. @throws TypeError if it is not a register */
export function numberOf(name: string, register: Register): number {
  if (typeof register !== 'object' || register === null || typeof register.number !== 'number') {
    throw wrongType(`${name}: operand`, 'a register', register);
  }
  return register.number;
}
