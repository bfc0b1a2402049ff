import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6; // include/uapi/linux/auxvec.h

let size: number | undefined;

/** Bytes of a memory page, as the kernel told this process at its start. */
export function pageSize(): number {
  if (size === undefined) {
    const bytes = readFileSync('/proc/self/auxv');
    const words = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const at = words.findIndex((word, index) => index % 2 === 0 && word === BigInt(AT_PAGESZ));
    size = at === -1 ? 4096 : Number(words[at + 1]);
  }
  return size;
}
