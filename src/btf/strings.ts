const utf8 = new TextDecoder();

/** Bytes a name may have. The kernel takes 511; without a limit, many types could share one endless name. */
export const MAX_NAME_BYTES = 4095;

/**
 * The NUL-terminated string at `offset`, or `undefined` when it is longer than {@link MAX_NAME_BYTES}.
 * The caller has checked that `offset` lies within the bytes and that the last byte is NUL. Names are
 * short and ASCII nearly always: for those this beats TextDecoder.
 */
export function readString(bytes: Uint8Array, offset: number): string | undefined {
  let text = '';
  for (let i = offset; i <= offset + MAX_NAME_BYTES; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) return text;
    if (byte >= 0x80) {
      const end = bytes.indexOf(0, i);
      return end - offset > MAX_NAME_BYTES ? undefined : utf8.decode(bytes.subarray(offset, end));
    }
    text += String.fromCharCode(byte);
  }
  return undefined;
}

/** Whether the NUL-terminated string at `offset` is `wanted`. */
export function equalsAt(bytes: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[offset + i] !== wanted[i]) return false;
  }
  return bytes[offset + wanted.length] === 0;
}
