import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';

/**
 * The bytes as 32-bit words of this machine's byte order. BTF types consist only of such words, so everything after
 * this works the same for both byte orders. Nothing is copied if the bytes are aligned and in this machine's order, as
 * those of a mapped /sys/kernel/btf/vmlinux are.
 */
export function toWords(bytes: Uint8Array, littleEndian: boolean): Uint32Array {
  const count = bytes.length >>> 2;
  const native = littleEndian === HOST_LITTLE_ENDIAN;
  if (native && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const words = new Uint32Array(count);
  new Uint8Array(words.buffer).set(bytes.subarray(0, count * 4));
  if (native) return words;
  for (let i = 0; i < count; i++) {
    const word = words[i] ?? 0;
    words[i] = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
  return words;
}
