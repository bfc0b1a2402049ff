import { checkOwner, ERRNO } from '../../errors/index.ts';
import { type Fd, iterCreate, systemError, trySyscall } from '../../sys/index.ts';
import type { Link } from '../link.ts';

/** The kernel returns at most 32 KiB at once. */
export const CHUNK: number = 64 * 1024;

/** Starts a run of an iterator. @throws BpfError `EINVAL` if the link does not belong to an iterator */
export function startRun(link: Link): Fd {
  return iterCreate(link.fd, ({ code }) => (code === 'EINVAL' ? 'it is not an iterator' : undefined));
}

/**
 * Reads the next part. Returns its size, 0 at the end, and -1 if the kernel pauses: it does so after a million objects
 * without output, and goes on at the next read.
 *
 * @throws BpfError
 */
export function readPart(run: Fd, part: Uint8Array): number {
  const size = trySyscall('read', run.value, part, part.length);
  if (size >= 0) return size;
  if (size === -ERRNO.EAGAIN) return -1;
  throw systemError(`read the ${run.what}`, 'read', -size);
}

/**
 * Runs an iterator once over everything, and returns what the program wrote (`seq_write`, `seq_printf`).
 * `streamIterator` does the same in parts.
 *
 * @throws BpfError also if the program fails: `E2BIG` if it writes more for one object than the kernel has room for
 */
export function readIterator(link: Link): Uint8Array {
  checkOwner('readIterator: link', link, 'a Link');
  using run = startRun(link);
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(CHUNK);
    const size = readPart(run, part);
    if (size === 0) return Buffer.concat(parts);
    if (size > 0) parts.push(part.subarray(0, size));
  }
}
