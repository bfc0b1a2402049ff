import { didYouMean } from './near.ts';
import { check, isObject, ownsDescriptor, rules, wrongType } from './rules.ts';
import { seen } from './seen.ts';

// These run for each instruction and each option. Calling a rule's function would take longer than the test itself.

function isIntegerIn(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** @throws TypeError if it is not a number, RangeError if it is not an integer from `min` to `max` */
export function checkInteger(
  what: string,
  value: unknown,
  min: number,
  max: number,
): asserts value is number {
  if (typeof value !== 'number') throw wrongType(what, 'a number', value);
  if (!isIntegerIn(value, min, max)) {
    throw new RangeError(`${what} must be an integer from ${min} to ${max}, got ${value}`);
  }
}

/** Does {@link checkInteger} for each of these options that is given. */
export function checkIntegers(
  what: string,
  options: object,
  limits: Readonly<Record<string, readonly [min: number, max: number]>>,
): void {
  for (const name in limits) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    const [min, max] = limits[name] as readonly [number, number];
    if (value === undefined || isIntegerIn(value, min, max)) continue;
    checkInteger(`${what}: ${name}`, value, min, max);
  }
}

/** The range of an unsigned 32-bit number. */
export const U32: readonly [min: number, max: number] = [0, 0xffff_ffff];
/** The range of a signed 32-bit number. */
export const I32: readonly [min: number, max: number] = [-0x8000_0000, 0x7fff_ffff];

/** @throws TypeError if it is not an object, or is an array or a function */
export function checkObject(what: string, value: unknown): asserts value is object {
  if (!isObject(value)) throw wrongType(what, rules.object.wanted, value);
}

/** @throws TypeError if it cannot be iterated over */
export function checkIterable(what: string, value: unknown): void {
  if (typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw wrongType(what, 'something to iterate over', value);
  }
}

/** @throws TypeError if it is not an array */
export function checkArray(what: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(what, rules.array.wanted, value);
}

/** @throws TypeError if it is not a string */
export function checkString(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongType(what, rules.string.wanted, value);
}

/** @throws TypeError if it is not a Uint8Array */
export function checkBytes(what: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType(what, rules.bytes.wanted, value);
}

/** @throws TypeError if it is neither true nor false */
export function checkBoolean(what: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw wrongType(what, rules.boolean.wanted, value);
}

/** @throws TypeError if it is none of these names; the error has the nearest ones */
export function checkChoice(what: string, value: unknown, names: readonly string[]): void {
  if (names.includes(value as string)) return;
  const [last, ...others] = names.map((name) => `"${name}"`).reverse();
  const near = typeof value === 'string' ? didYouMean(value, names) : '';
  throw new TypeError(`${what} must be ${others.reverse().join(', ')} or ${last}, got ${seen(value)}${near}`);
}

/** @throws TypeError if it cannot be called */
export function checkFunction(what: string, value: unknown): void {
  check(what, value, rules.function);
}

/** @throws TypeError if it cannot be a path */
export function checkPath(what: string, value: unknown): asserts value is string {
  check(what, value, rules.path);
}

/** @throws TypeError if it is not a signal, or undefined */
export function checkSignal(what: string, value: unknown): asserts value is AbortSignal | undefined {
  if (value !== undefined && !(value instanceof AbortSignal)) {
    throw wrongType(`${what}: signal`, 'an AbortSignal', value);
  }
}

/** @param kind - what it must be, such as `a Program`. @throws TypeError if it owns no descriptor */
export function checkOwner(what: string, value: unknown, kind: string): void {
  if (!ownsDescriptor(value)) throw wrongType(what, kind, value);
}
