import type { Codec } from '../../../src/bytes/codec/index.ts';

/** The bytes of one value as hex. The value is written after other bytes, into memory that was not zero. */
export function toHex<T>(codec: Codec<T>, value: T): string {
  const memory = new Uint8Array(codec.size + 6).fill(0xaa);
  codec.encode(new DataView(memory.buffer, 3), 2, value);
  const outside = [...memory.subarray(0, 5), ...memory.subarray(5 + codec.size)];
  if (outside.some((byte) => byte !== 0xaa)) throw new Error(`${codec.name} wrote outside its own bytes`);
  return Buffer.from(memory.subarray(5, 5 + codec.size)).toString('hex');
}

/** The value of hex bytes. It is read at an odd offset of a larger view. */
export function fromHex<T>(codec: Codec<T>, hex: string): T {
  const memory = new Uint8Array(codec.size + 6).fill(0xaa);
  memory.set(Buffer.from(hex, 'hex'), 5);
  return codec.decode(new DataView(memory.buffer, 3), 2);
}
