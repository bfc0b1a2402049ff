import type { Codec } from './codec.ts';
import { checkCount } from './count.ts';
import { outOfRange, wrongType } from './problem.ts';

const encoder = new TextEncoder();
// A byte order mark is text like any other. Without it, the text would encode to other bytes.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Encodes any text, also beyond ASCII. Returns the number of bytes written. */
function encodeUtf8(view: DataView, offset: number, size: number, value: string): number {
  if (LONE_SURROGATE.test(value)) outOfRange('the string holds a lone surrogate, which UTF-8 cannot express');
  const target = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  const { read, written } = encoder.encodeInto(value, target);
  if (read < value.length) {
    outOfRange(
      `${JSON.stringify(value)} needs ${encoder.encode(value).length} bytes, but there are only ${size}`,
    );
  }
  return written;
}

/**
 * A C character array of `size` bytes: UTF-8, filled up with NUL. Text may fill the array to its last byte. Then there
 * is no NUL at the end, as with `strncpy`. Reading stops at the first NUL and ignores what follows. Bytes that are not
 * UTF-8 read as U+FFFD, so use {@link bytes} if they may be anything. Keys of maps are checked: a key that would not be
 * written with the bytes it was read from is refused.
 *
 * @throws TypeError or RangeError when `size` is not a whole number of at least 1
 */
export function string(size: number): Codec<string> {
  checkCount('string', size, 1);
  return Object.freeze({
    name: `string(${size})`,
    size,
    align: 1,
    encode(view: DataView, offset: number, value: string): void {
      if (typeof value !== 'string') wrongType(value, 'a string');
      if (value.length > size) {
        outOfRange(`${JSON.stringify(value)} needs more than the ${size} bytes there are`);
      }
      let end = 0;
      for (; end < value.length; end++) {
        const unit = value.charCodeAt(end);
        if (unit === 0 || unit > 0x7f) break;
        view.setUint8(offset + end, unit);
      }
      if (end < value.length) {
        if (value.includes('\0')) outOfRange(`${JSON.stringify(value)} holds a NUL, which ends a C string`);
        end = encodeUtf8(view, offset, size, value);
      }
      for (; end < size; end++) view.setUint8(offset + end, 0);
    },
    decode(view: DataView, offset: number): string {
      let text = '';
      let i = 0;
      // Four at a time, while none of them is NUL or beyond ASCII.
      for (; i + 4 <= size && i < 64; i += 4) {
        const at = offset + i;
        const a = view.getUint8(at);
        const b = view.getUint8(at + 1);
        const c = view.getUint8(at + 2);
        const d = view.getUint8(at + 3);
        if ((a | b | c | d) > 0x7f || a === 0 || b === 0 || c === 0 || d === 0) break;
        text += String.fromCharCode(a, b, c, d);
      }
      for (; i < size; i++) {
        const unit = view.getUint8(offset + i);
        if (unit === 0) return text;
        if (unit > 0x7f || i >= 64) return decodeLong(view, offset, size);
        text += String.fromCharCode(unit);
      }
      return text;
    },
  });
}

/** For text beyond ASCII, or so long that joining single characters would be slower. */
function decodeLong(view: DataView, offset: number, size: number): string {
  const all = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  const end = all.indexOf(0);
  return decoder.decode(end === -1 ? all : all.subarray(0, end));
}
