import { seen } from './seen.ts';

/** What a value must be, as errors say it, and the test for it. */
export interface Rule {
  readonly wanted: string;
  readonly holds: (value: unknown) => boolean;
  /** Whether a number that fails the test is out of range. */
  readonly number?: boolean;
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The rules for values of plain types. */
export const rules: Readonly<
  Record<'string' | 'boolean' | 'object' | 'array' | 'bytes' | 'u32' | 'path' | 'function', Rule>
> = {
  string: { wanted: 'a string', holds: (value) => typeof value === 'string' },
  boolean: { wanted: 'true or false', holds: (value) => typeof value === 'boolean' },
  object: { wanted: 'an object', holds: isObject },
  array: { wanted: 'an array', holds: Array.isArray },
  bytes: { wanted: 'a Uint8Array', holds: (value) => value instanceof Uint8Array },
  u32: {
    wanted: 'a whole number from 0 to 4294967295',
    holds: (value) => typeof value === 'number' && value >>> 0 === value,
    number: true,
  },
  path: {
    wanted: 'a path',
    holds: (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
  },
  function: { wanted: 'a function', holds: (value) => typeof value === 'function' },
};

/** Whether something owns a descriptor, as programs, maps and links do, from any copy of the library. */
export function ownsDescriptor(value: unknown): value is object {
  return isObject(value) && 'fd' in value && isObject(value.fd) && 'value' in value.fd;
}

/** The same rule, but `undefined` is accepted as well. */
export function maybe(rule: Rule): Rule {
  return { ...rule, holds: (value) => value === undefined || rule.holds(value) };
}

/** The error for an argument of the wrong type. @param what - names the argument: `Program.load: name` */
export function wrongType(what: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${what} must be ${wanted}, got ${seen(value)}`);
}

/** @throws TypeError, RangeError */
export function check(what: string, value: unknown, rule: Rule): void {
  if (rule.holds(value)) return;
  const error = wrongType(what, rule.wanted, value);
  throw rule.number === true && typeof value === 'number' ? new RangeError(error.message) : error;
}

/** Checks members of an object. @throws TypeError, RangeError */
export function checkMembers(what: string, thing: unknown, members: Readonly<Record<string, Rule>>): void {
  check(what, thing, rules.object);
  for (const name in members) {
    const rule = members[name];
    const value = (thing as Readonly<Record<string, unknown>>)[name];
    // The member's full name is built only for an error.
    if (rule?.holds(value) === false) check(`${what}.${name}`, value, rule);
  }
}

/** Checks each value of an object by its name. @throws TypeError, RangeError */
export function checkEach(what: string, things: unknown, rule: Rule): void {
  check(what, things, rules.object);
  for (const [name, thing] of Object.entries(things as object)) check(`${what}.${name}`, thing, rule);
}
