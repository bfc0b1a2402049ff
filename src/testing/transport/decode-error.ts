import { AssertionError } from 'node:assert';
import * as library from '../../errors/index.ts';
import type { Encoded, ErrorParts } from './encode-error.ts';

type ErrorClass = { readonly prototype: Error };

/** Classes that an error gets back; any other becomes the nearest one above it that is here. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...{ Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError },
  AssertionError,
  BpfError: library.BpfError,
  ClosedError: library.ClosedError,
  FormatError: library.FormatError,
  NotSupportedError: library.NotSupportedError,
  TokenError: library.TokenError,
  VerifierError: library.VerifierError,
};

function rebuild(parts: ErrorParts): Error {
  const known = parts.classes.find((name) => Object.hasOwn(CLASSES, name)) ?? 'Error';
  const error = new Error(parts.message);
  Object.setPrototypeOf(error, CLASSES[known]?.prototype ?? Error.prototype);
  Object.defineProperty(error, 'stack', {
    value: parts.stack ?? String(error),
    writable: true,
    configurable: true,
  });
  for (const [key, value, enumerable] of parts.properties) {
    const property = { value: decodeError(value), enumerable, writable: true, configurable: true };
    Object.defineProperty(error, key, property);
  }
  for (const key of parts.brands) Object.defineProperty(error, Symbol.for(key), { value: true });
  return error;
}

/** A value that only came as text: shows as it did where it was. */
class Foreign {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Puts a thrown value together again. */
export function decodeError(encoded: Encoded): unknown {
  if (encoded.type === 'error') return rebuild(encoded);
  if (encoded.type === 'list') return encoded.items.map(decodeError);
  return encoded.type === 'value' ? encoded.value : new Foreign(encoded.text);
}
