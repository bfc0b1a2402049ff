import { wrongType } from '../../errors/index.ts';

/** What a value must be, for errors, and whether it is that. */
export interface Rule {
  readonly wanted: string;
  readonly holds: (value: unknown) => boolean;
  /** For numbers: one that does not hold is out of range. */
  readonly number?: boolean;
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const TEXT: Rule = { wanted: 'a string', holds: (value) => typeof value === 'string' };
export const TRUTH: Rule = { wanted: 'true or false', holds: (value) => typeof value === 'boolean' };
export const OBJECT: Rule = { wanted: 'an object', holds: isObject };
export const LIST: Rule = { wanted: 'an array', holds: Array.isArray };
export const BYTES: Rule = { wanted: 'a Uint8Array', holds: (value) => value instanceof Uint8Array };
export const U32: Rule = {
  wanted: 'a whole number from 0 to 4294967295',
  holds: (value) => typeof value === 'number' && value >>> 0 === value,
  number: true,
};
export const PATH: Rule = {
  wanted: 'a path',
  holds: (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
};

/** Something that owns a descriptor and tells about itself, as maps and programs do. */
export function holder(wanted: string): Rule {
  return {
    wanted,
    holds: (value) => isObject(value) && 'fd' in value && isObject(value.fd) && 'info' in value,
  };
}

/** The same rule where nothing may be given as well. */
export function maybe(rule: Rule): Rule {
  return { ...rule, holds: (value) => value === undefined || rule.holds(value) };
}

/** @throws TypeError, RangeError */
export function check(what: string, value: unknown, rule: Rule): void {
  if (rule.holds(value)) return;
  const error = wrongType(what, rule.wanted, value);
  throw rule.number === true && typeof value === 'number' ? new RangeError(error.message) : error;
}

/** Checks members of an object. @throws TypeError, RangeError */
export function checkMembers(what: string, thing: unknown, rules: Readonly<Record<string, Rule>>): void {
  check(what, thing, OBJECT);
  for (const name in rules) {
    const rule = rules[name];
    const value = (thing as Readonly<Record<string, unknown>>)[name];
    // What a member is called is put together for errors only.
    if (rule?.holds(value) === false) check(`${what}.${name}`, value, rule);
  }
}

/** Checks each value of an object by its name. @throws TypeError, RangeError */
export function checkEach(what: string, things: unknown, rule: Rule): void {
  check(what, things, OBJECT);
  for (const [name, thing] of Object.entries(things as object)) check(`${what}.${name}`, thing, rule);
}
