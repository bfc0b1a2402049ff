import { AssertionError } from 'node:assert';
import * as library from '../../errors/index.ts';
import type { Encoded, ErrorParts } from './encode-error.ts';

type ErrorClass = { readonly prototype: Error };

/** The classes of the library: all that it exports, so that none is forgotten. */
function libraryClasses(): [string, ErrorClass][] {
  const isOwn = (value: unknown): value is typeof library.BpfError =>
    typeof value === 'function' &&
    (value === library.BpfError || value.prototype instanceof library.BpfError);
  return Object.values(library)
    .filter(isOwn)
    .map((each) => [each.name, each]);
}

/** The classes that an error can get back. Any other class becomes the nearest one above it in this list. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...{ Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError },
  AssertionError,
  ...Object.fromEntries(libraryClasses()),
};

/** Its name and message cannot be set afterwards. */
const WEB = 'DOMException';

function rebuild(parts: ErrorParts): Error {
  const known = parts.classes.find((name) => name === WEB || Object.hasOwn(CLASSES, name)) ?? 'Error';
  const error: Error = known === WEB ? new DOMException(parts.message, parts.name) : new Error(parts.message);
  if (known !== WEB) Object.setPrototypeOf(error, CLASSES[known]?.prototype ?? Error.prototype);
  const own = (key: string, value: unknown, enumerable: boolean): void => {
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  };
  own('stack', parts.stack ?? String(error), false);
  for (const [key, value, enumerable] of parts.properties) own(key, decodeError(value), enumerable);
  for (const key of parts.brands) Object.defineProperty(error, Symbol.for(key), { value: true });
  // A class that is not in this list may have had the name.
  if (error.name !== parts.name) own('name', parts.name, false);
  return error;
}

/** A value that came only as text: it prints as it did in its process. */
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

/** Rebuilds a thrown value. */
export function decodeError(encoded: Encoded): unknown {
  if (encoded.type === 'error') return rebuild(encoded);
  if (encoded.type === 'list') return encoded.items.map(decodeError);
  if (encoded.type === 'record') {
    return Object.fromEntries(encoded.entries.map(([key, value]) => [key, decodeError(value)]));
  }
  return encoded.type === 'value' ? encoded.value : new Foreign(encoded.text);
}
