import { seen } from '../errors/index.ts';

/** A text as C has it. @throws TypeError when it is none, is empty, or holds a NUL character */
export function cText(what: string, text: string): Uint8Array {
  if (typeof text !== 'string' || text === '' || text.includes('\0')) {
    throw new TypeError(`${what} must be a text without NUL characters, got ${seen(text)}`);
  }
  return Buffer.from(`${text}\0`);
}
