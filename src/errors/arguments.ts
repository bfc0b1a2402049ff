import { check, isObject, ownsDescriptor, rules, wrongType } from './rules.ts';

// These run for each instruction and each option: calls of a rule's function would be slower than the tests themselves.

function isIntegerIn(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** @throws TypeError for what is no number, RangeError for one that is no integer from `min` to `max` */
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

/** {@link checkInteger} for each of these options that is there. */
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

/** @throws TypeError for what is no object, arrays and functions included */
export function checkObject(what: string, value: unknown): asserts value is object {
  if (!isObject(value)) throw wrongType(what, rules.object.wanted, value);
}

/** @throws TypeError for what cannot be iterated over */
export function checkIterable(what: string, value: unknown): void {
  if (typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw wrongType(what, 'something to iterate over', value);
  }
}

/** @throws TypeError for what is no array */
export function checkArray(what: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(what, rules.array.wanted, value);
}

/** @throws TypeError for what is no text */
export function checkString(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongType(what, rules.string.wanted, value);
}

/** @throws TypeError for what is no Uint8Array */
export function checkBytes(what: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType(what, rules.bytes.wanted, value);
}

/** @throws TypeError for what cannot be called */
export function checkFunction(what: string, value: unknown): void {
  check(what, value, rules.function);
}

/** @throws TypeError for what is no path */
export function checkPath(what: string, value: unknown): asserts value is string {
  check(what, value, rules.path);
}

/** @param kind - what it is, such as `a Program`. @throws TypeError for what owns no descriptor */
export function checkOwner(what: string, value: unknown, kind: string): void {
  if (!ownsDescriptor(value)) throw wrongType(what, kind, value);
}
