import { pageSize } from '../sys/index.ts';

/** Ring buffers, whose `max_entries` are bytes. */
export const RINGS: ReadonlySet<string> = new Set(['ringbuf', 'user_ringbuf']);
/** The largest power of two that the field holds. */
const LARGEST = 2 ** 31;

/**
 * The bytes that a ring buffer is created with: a power of two of pages, of whatever size pages are on this machine,
 * that holds at least what was asked for. What cannot be rounded up stays, for the kernel to refuse.
 */
export function ringSize(bytes: number): number {
  if (bytes < 1 || bytes > LARGEST) return bytes;
  let size = pageSize();
  while (size < bytes) size *= 2;
  return size;
}
