const utf8 = new TextDecoder();

/**
 * The NUL-terminated string at `offset`. The caller has checked that `offset` lies within the bytes and
 * that the last byte is NUL. Names are short and ASCII nearly always: for those this beats TextDecoder.
 */
export function readString(bytes: Uint8Array, offset: number): string {
  let text = '';
  for (let i = offset; ; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) return text;
    if (byte >= 0x80) return utf8.decode(bytes.subarray(offset, bytes.indexOf(0, i)));
    text += String.fromCharCode(byte);
  }
}

/** Whether the NUL-terminated string at `offset` is `wanted`. */
export function equalsAt(bytes: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[offset + i] !== wanted[i]) return false;
  }
  return bytes[offset + wanted.length] === 0;
}
