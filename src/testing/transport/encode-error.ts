const { inspect, types } = process.getBuiltinModule('node:util');

/** An error taken apart, so that it can go to another process. Every value in it can be serialised. */
export interface ErrorParts {
  readonly type: 'error';
  /** The names of its class and of the classes above it, nearest first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Own properties other than message and stack, including `cause` and `errors`. */
  readonly properties: readonly (readonly [key: string, value: Encoded, enumerable: boolean])[];
  /** Keys in the global symbol registry of the error's brands. */
  readonly brands: readonly string[];
}

/** A value that the structured clone algorithm accepts. */
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

/** A plain object with errors in it. */
export interface RecordParts {
  readonly type: 'record';
  readonly entries: readonly (readonly [key: string, value: Encoded])[];
}

export type Encoded = ErrorParts | ValueParts | TextParts | ListParts | RecordParts;

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

function encodeProperties(error: Error, above: readonly unknown[]): ErrorParts['properties'] {
  const properties: [string, Encoded, boolean][] = [];
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (key === 'message' || key === 'stack' || !('value' in descriptor)) continue;
    if (typeof descriptor.value === 'function') continue;
    properties.push([key, encode(descriptor.value, above), descriptor.enumerable === true]);
  }
  return properties;
}

/** The classes of the language and of Node, and those that Node makes for the web's interfaces. */
const isError = (value: unknown): value is Error => types.isNativeError(value) || value instanceof Error;

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value has errors in it: a structured clone would make plain errors of them. */
function holdsErrors(value: unknown, seen = new Set<unknown>()): boolean {
  if (isError(value)) return true;
  if (seen.has(value) || !(Array.isArray(value) || isPlain(value))) return false;
  seen.add(value);
  return Object.values(value).some((item) => holdsErrors(item, seen));
}

function encodeValue(value: unknown): Encoded {
  try {
    process.getBuiltinModule('node:v8').serialize(value);
    return { type: 'value', value };
  } catch {
    return { type: 'text', text: inspect(value) };
  }
}

/** @param above - the values that contain this one, outermost first */
function encode(value: unknown, above: readonly unknown[]): Encoded {
  if (above.includes(value) && typeof value === 'object') return { type: 'text', text: '[Circular]' };
  const deep = above.length >= DEEPEST;
  const inside = [...above, value];
  if (!isError(value)) {
    if (deep || !holdsErrors(value)) return encodeValue(value);
    if (Array.isArray(value)) return { type: 'list', items: value.map((item) => encode(item, inside)) };
    const entries = Object.entries(value as object).map(
      ([key, item]) => [key, encode(item, inside)] as const,
    );
    return { type: 'record', entries };
  }
  if (deep) return { type: 'text', text: inspect(value) };
  const symbols = Object.getOwnPropertySymbols(value).map((symbol) => Symbol.keyFor(symbol));
  return {
    type: 'error',
    classes: classesOf(value),
    name: String(value.name),
    message: value.message,
    stack: value.stack,
    properties: encodeProperties(value, inside),
    brands: symbols.filter((key) => key !== undefined),
  };
}

/** Takes a thrown value apart. Never throws. */
export function encodeError(error: unknown): Encoded {
  try {
    return encode(error, []);
  } catch (problem) {
    return { type: 'text', text: `an error that cannot be read: ${String(problem)}` };
  }
}
