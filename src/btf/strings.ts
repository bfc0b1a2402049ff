import type { Buffer } from 'node:buffer';

/** The most bytes of a name. The kernel takes 511. Without a limit, many types could share one endless name. */
export const MAX_NAME_BYTES = 4095;

/**
 * The NUL-terminated string at `offset`, or `undefined` when it is longer than {@link MAX_NAME_BYTES}. The caller has
 * checked that `offset` lies within the bytes and that the last byte is NUL. This uses the engine's own functions,
 * because most names are read once, by code that has not been compiled yet.
 *
 * @param text - the same bytes with a character for each, if such a text exists
 */
export function readString(bytes: Buffer, offset: number, text?: string): string | undefined {
  if (text !== undefined) {
    const end = text.indexOf('\0', offset);
    return end - offset > MAX_NAME_BYTES ? undefined : text.slice(offset, end);
  }
  const end = bytes.indexOf(0, offset);
  return end - offset > MAX_NAME_BYTES ? undefined : bytes.toString('utf8', offset, end);
}

/** Whether the bytes at `offset` begin with these. */
export function beginsWith(bytes: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  const { length } = wanted;
  for (let i = 0; i < length; i++) {
    if (bytes[offset + i] !== wanted[i]) return false;
  }
  return true;
}
