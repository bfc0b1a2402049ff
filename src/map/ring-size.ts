import { pageSize } from '../sys/index.ts';

/** Ring buffers. Their `max_entries` is a number of bytes. */
export const RINGS: ReadonlySet<string> = new Set(['ringbuf', 'user_ringbuf']);
/** The largest power of two that fits the field `max_entries`. */
const LARGEST = 2 ** 31;

/**
 * Rounds the size of a ring buffer up to a power of two of this machine's pages. A size that cannot be rounded up is
 * returned as it is, and the kernel refuses it.
 */
export function ringSize(bytes: number): number {
  if (bytes < 1 || bytes > LARGEST) return bytes;
  let size = pageSize();
  while (size < bytes) size *= 2;
  return size;
}
