import type { Buffer } from 'node:buffer';

/** Of larger tables few strings are asked for, and the text would take as much memory again. */
const LARGEST = 1 << 16;

/**
 * A table of strings as one text with a character for each byte, which is what names are: strings cut out of it cost
 * less than calling the decoder for each. `undefined` for large tables and those with other characters.
 */
export function byteText(bytes: Buffer): string | undefined {
  if (bytes.length > LARGEST) return undefined;
  const text = bytes.toString('utf8');
  // Characters of several bytes make it shorter. Bytes that are no UTF-8 become a character each, here as in parts.
  return text.length === bytes.length ? text : undefined;
}
