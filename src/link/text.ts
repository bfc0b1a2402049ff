import { seen } from '../errors/index.ts';

/** A text as C stores it, with a NUL at the end. @throws TypeError if it is not a text, is empty, or contains NUL */
export function cText(what: string, text: string): Uint8Array {
  if (typeof text !== 'string' || text === '' || text.includes('\0')) {
    throw new TypeError(`${what} must be a text without NUL characters, got ${seen(text)}`);
  }
  return Buffer.from(`${text}\0`);
}
