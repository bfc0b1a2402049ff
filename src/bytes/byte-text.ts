import type { Buffer } from 'node:buffer';

/** Only a few strings of a larger table are ever needed, and the text would take as much memory again. */
const LARGEST = 1 << 16;

/**
 * A table of strings as one text with a character for each byte, because names are ASCII. Cutting a string out of it
 * costs less than calling the decoder. `undefined` for large tables, and for tables with other characters.
 */
export function byteText(bytes: Buffer): string | undefined {
  if (bytes.length > LARGEST) return undefined;
  const text = bytes.toString('utf8');
  // Characters of several bytes make the text shorter. A byte that is not UTF-8 becomes one character, here as in
  // parts.
  return text.length === bytes.length ? text : undefined;
}
