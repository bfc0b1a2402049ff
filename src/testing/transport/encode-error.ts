import { inspect, types } from 'node:util';
import { serialize } from 'node:v8';

/** An error taken apart, so that it can cross to another process. Every value in it can be serialised. */
export interface ErrorParts {
  readonly type: 'error';
  /** The names of its class and of the classes above that, nearest first. */
  readonly classes: readonly string[];
  readonly message: string;
  readonly stack: string | undefined;
  /** Own properties beside message and stack, `cause` and `errors` among them. */
  readonly properties: readonly (readonly [key: string, value: Encoded, enumerable: boolean])[];
  /** Keys of the global symbol registry that the error is branded with. */
  readonly brands: readonly string[];
}

/** A value as the structured clone algorithm takes it. */
export interface ValueParts {
  readonly type: 'value';
  readonly value: unknown;
}

/** A value that cannot be serialised, as text. */
export interface TextParts {
  readonly type: 'text';
  readonly text: string;
}

/** A list with errors in it, such as the `errors` of an AggregateError. */
export interface ListParts {
  readonly type: 'list';
  readonly items: readonly Encoded[];
}

export type Encoded = ErrorParts | ValueParts | TextParts | ListParts;

const DEEPEST = 8;

function classesOf(error: Error): string[] {
  const classes: string[] = [];
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const owner = (prototype as { constructor?: unknown }).constructor;
    if (typeof owner === 'function') classes.push(owner.name);
  }
  return classes;
}

function encodeProperties(error: Error, depth: number): ErrorParts['properties'] {
  const properties: [string, Encoded, boolean][] = [];
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (key === 'message' || key === 'stack' || !('value' in descriptor)) continue;
    if (typeof descriptor.value === 'function') continue;
    properties.push([key, encode(descriptor.value, depth + 1), descriptor.enumerable === true]);
  }
  return properties;
}

function encodeValue(value: unknown): Encoded {
  try {
    serialize(value);
    return { type: 'value', value };
  } catch {
    return { type: 'text', text: inspect(value) };
  }
}

function encode(value: unknown, depth: number): Encoded {
  if (!types.isNativeError(value)) {
    const errors = depth < DEEPEST && Array.isArray(value) && value.some((item) => types.isNativeError(item));
    return errors
      ? { type: 'list', items: value.map((item) => encode(item, depth + 1)) }
      : encodeValue(value);
  }
  if (depth >= DEEPEST) return { type: 'text', text: inspect(value) };
  const symbols = Object.getOwnPropertySymbols(value).map((symbol) => Symbol.keyFor(symbol));
  return {
    type: 'error',
    classes: classesOf(value),
    message: value.message,
    stack: value.stack,
    properties: encodeProperties(value, depth),
    brands: symbols.filter((key) => key !== undefined),
  };
}

/** Takes a thrown value apart. Never throws. */
export function encodeError(error: unknown): Encoded {
  try {
    return encode(error, 0);
  } catch (problem) {
    return { type: 'text', text: `an error that cannot be read: ${String(problem)}` };
  }
}
