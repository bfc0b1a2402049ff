import { BpfError, ERRNO } from '../errors/index.ts';
import { native } from './binding.ts';

const PROT_NONE = 0;
const MAP_PRIVATE = 2;
const NO_DESCRIPTOR = -1;
/** From the smallest page that Linux has to far above the largest. */
const SMALLEST = 4096;
const LARGEST = 2 ** 24;

let size: number | undefined;

/**
 * The size of a memory page in bytes. The kernel is asked, because /proc/self/auxv cannot be read without /proc, nor by
 * a process with file capabilities. mmap(2) checks the offset before the descriptor: it refuses an offset that is not a
 * multiple of the page size with EINVAL. Nothing is mapped.
 *
 * @throws BpfError
 */
export function pageSize(): number {
  size ??= askForPageSize();
  return size;
}

/** @throws BpfError */
export function askForPageSize(): number {
  for (let bytes = SMALLEST; bytes <= LARGEST; bytes *= 2) {
    if (native().mmap(bytes, PROT_NONE, MAP_PRIVATE, NO_DESCRIPTOR, bytes) === -ERRNO.EBADF) return bytes;
  }
  throw new BpfError('Cannot tell the size of a memory page: mmap(2) refuses every offset', {
    code: 'EINVAL',
    syscall: 'mmap',
  });
}
